"""Chat models and embeddings of an Ollama server, which is found as Ollama's own tools find it: by OLLAMA_HOST."""

from __future__ import annotations

from langchain_ollama import ChatOllama, OllamaEmbeddings

from companion.models.wires.checked import Checked
from companion.models.wires.deadline import HOOKS, Embed, checked_embeddings


class OllamaModel(Checked, ChatOllama):
    """A chat model of Ollama."""


def chat(model: str, temperature: float, timeout: float) -> OllamaModel:
    """Give the chat model of that name; nothing is asked of the server yet."""
    return OllamaModel(
        called=f"ollama/{model}",
        deadline=timeout,
        model=model,
        temperature=temperature,
        seed=0,
        client_kwargs={"timeout": timeout},
        sync_client_kwargs={"event_hooks": HOOKS},
    )


def embed(model: str, timeout: float) -> Embed:
    """Give what embeds texts by the model of that name."""
    made = OllamaEmbeddings(model=model, client_kwargs={"timeout": timeout}, sync_client_kwargs={"event_hooks": HOOKS})
    return checked_embeddings(f"ollama/{model}", made.embed_documents, timeout)
