"""Both servers, with the literal reader behind them, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from companion.models.served.ollama import ollama_app
from companion.models.served.openai import openai_app
from companion.services.serving import running


@pytest.fixture(scope="session")
def ollama_address() -> Iterator[str]:
    with running(ollama_app("offline")) as address:
        yield f"http://{address}"


@pytest.fixture(scope="session")
def openai_address() -> Iterator[str]:
    with running(openai_app("offline")) as address:
        yield f"http://{address}"
