"""Screens of a 3270 terminal: drawn as text, written as BMS macros, and typed into."""
