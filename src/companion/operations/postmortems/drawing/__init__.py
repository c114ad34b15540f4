"""The incident and its whys as drawings: laid out once, as SVG for a file and as a figure for a notebook."""
