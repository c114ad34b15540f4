"""One feed of quotes told four ways, what a cut costs each, and the client that stops reading."""
