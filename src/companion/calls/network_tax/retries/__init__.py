"""Retries at three layers at once: how many calls reach the database when it is down."""
