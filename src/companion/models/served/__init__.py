"""The book's models behind a port, for whatever speaks with Ollama or with OpenAI: two small servers on loopback."""
