"""All post mortems of a folder: what recurs in them, and what was to be done."""
