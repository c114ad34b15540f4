"""The pipeline that makes the book: execute, render, check."""
