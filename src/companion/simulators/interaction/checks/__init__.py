"""Checks that find an interaction failure before any traffic does, and the demonstrations to hold them against."""
