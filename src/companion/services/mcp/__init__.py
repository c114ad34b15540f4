"""Chapter 8, MCP: a server whose tools an agent calls, and what holds it to its protocol."""
