"""Render the pages: what this book adds to Sphinx, and how jupyter-book is run."""
