"""Quotes as they come, for many: instances that share one stream, WebSocket, and a long poll to fall back on."""
