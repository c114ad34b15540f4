"""Chapter 08, MCP: servers whose tools a model may call, and what it takes to let it."""
