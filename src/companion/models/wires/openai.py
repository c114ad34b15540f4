"""Chat models and embeddings of OpenAI, or of another server that speaks as it does.

The server is the one at OPENAI_BASE_URL, or OpenAI's own where nothing is set, which wants OPENAI_API_KEY too. It is
spoken to by chat completions, the interface that other servers know, and not by OpenAI's newer responses.
"""

from __future__ import annotations

import os

from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
from pydantic import SecretStr

from companion.models.wires.checked import Checked
from companion.models.wires.deadline import HOOKS, Embed, checked_embeddings


class OpenAIModel(Checked, ChatOpenAI):
    """A chat model of OpenAI."""


def chat(model: str, temperature: float, timeout: float) -> OpenAIModel:
    """Give the chat model of that name; nothing is asked of the server yet.

    Raises
    ------
    ValueError
        If there is no key.
    """
    return OpenAIModel(
        called=f"openai/{model}",
        deadline=timeout,
        model=model,
        api_key=_key(model),
        temperature=temperature,
        seed=0,
        timeout=timeout,
        http_client=DefaultHttpxClient(event_hooks=HOOKS),
        http_async_client=DefaultAsyncHttpxClient(),  # its own: LangChain's is shared, and belongs to one event loop
        max_retries=0,  # who asks decides, and is told; the deadline is for all tries together
        use_responses_api=False,
    )


def embed(model: str, timeout: float) -> Embed:
    """Give what embeds texts by the model of that name; texts are sent as they are, and not counted beforehand."""
    made = OpenAIEmbeddings(
        model=model,
        api_key=_key(model),
        timeout=timeout,
        http_client=DefaultHttpxClient(event_hooks=HOOKS),
        max_retries=0,
        check_embedding_ctx_length=False,
    )
    return checked_embeddings(f"openai/{model}", made.embed_documents, timeout)


def _key(model: str) -> SecretStr:
    """Give the key; a server of one's own is content with any."""
    key = os.environ.get("OPENAI_API_KEY") or ("none" if os.environ.get("OPENAI_BASE_URL") else None)
    if key is None:
        raise ValueError(f"openai/{model} needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own")
    return SecretStr(key)
