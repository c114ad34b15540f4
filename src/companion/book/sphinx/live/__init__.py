"""What moves in a page: recorded runs, panels and exercises, and the Python that the last two run."""
