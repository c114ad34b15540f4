"""The isolation layers around an answer, and the two processes that run it and its check."""
