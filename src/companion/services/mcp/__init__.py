"""The Model Context Protocol: tools for a model, on a server that keeps to one tenant at a time."""
