"""What a scan found, told in the form that somebody needs: a table, JSON, SARIF, a comment, an inventory.

Each module gives texts made from a `Scan`, and prints nothing. What schemas say (names, comments, paths) was written by
others, so it is made harmless for the form that it goes into.
"""
