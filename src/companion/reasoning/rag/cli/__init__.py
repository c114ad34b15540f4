"""`companion rag`: a folder's documents made into an index, asked and judged from the command line."""
