"""`companion serve ollama` and `companion serve openai`. What is heavy is imported when a command runs."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any

import typer

from companion.cli_output import refuse
from companion.services.commands import asked_to_stop, listening_or_refused

Host = Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")]
Model = Annotated[str, typer.Option(help="Which of the book's models: offline, or smollm2.")]


def ollama(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 11434,
    model: Model = "offline",
) -> None:
    """Serve a model of the book as Ollama would serve it, until a SIGTERM or Ctrl-C.

    Prints one line to stderr when it accepts requests. Whatever speaks with Ollama speaks with it: chats, with tools
    and streamed, and the embeddings `minilm` and `words`. It is no Ollama, and has no other models.

    Example: `companion serve ollama`, and in another terminal `curl http://127.0.0.1:11434/api/tags`
    """
    from companion.models.served.ollama import ollama_app

    _serve("ollama", ollama_app, model, host, port, "")


def openai(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8010,
    model: Model = "offline",
) -> None:
    """Serve a model of the book as OpenAI would serve it, until a SIGTERM or Ctrl-C.

    Prints one line to stderr when it accepts requests; that address is what clients take as their base URL, with any
    key.

    Example: `companion serve openai`, and in another terminal `curl http://127.0.0.1:8010/v1/models`
    """
    from companion.models.served.openai import openai_app

    _serve("openai", openai_app, model, host, port, "/v1")


def _serve(name: str, app: Any, model: str, host: str, port: int, path: str) -> None:
    done = asked_to_stop()

    from companion.services.serving import running_on

    command = f"serve {name}"
    with contextlib.ExitStack() as stack:
        listener, address = stack.enter_context(listening_or_refused(command, host, port))
        try:
            made = app(model)
        except (ValueError, ImportError) as error:
            refuse(command, f"--model: {error}")
        stack.enter_context(running_on(listener, made))
        typer.echo(f"ready http://{address}{path}", err=True)
        done.wait()
