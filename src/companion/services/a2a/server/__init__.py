"""The server: what it lets in, what it answers, how it streams, whom it tells, and what it says of itself."""
