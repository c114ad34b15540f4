"""Exercises as an author writes them and a class gets them: cells, format, variants, release."""
