"""Wires that came before and after the five of chapter 2's experiments: Thrift, WebSocket, MCP, and IPX's datagrams."""
