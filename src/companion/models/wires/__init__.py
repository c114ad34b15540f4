"""Models behind a wire: what Ollama and OpenAI speak, and what becomes of an answer that does not come."""
