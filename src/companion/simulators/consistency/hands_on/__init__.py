"""What the reader of the chapter touches: its film, the history to build, the client to write."""
