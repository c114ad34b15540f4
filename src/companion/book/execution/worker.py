"""Execute one chapter, in a process of its own: ``python -m companion.book.execution.worker``.

One JSON request comes in on stdin, events go out on stdout, a line each. The executed notebook is written to the path
in the request, a temporary one: only the parent moves it to where it is trusted. When stdin closes, the parent has
died, and this process ends itself together with its kernel.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from companion.book.execution.ran_with import KEY, ask, seed_of, told

MAX_OUTPUT = 8_000_000
"""Characters that one cell may print; a cell without end is stopped here, long before memory is."""

_UNUSED = ("rfc3987_syntax", "pyarrow")
"""Modules that libraries import if they are there: a grammar of URIs for jsonschema, which takes a second and a half to
build and which the schema of notebooks does not use, and what papermill would reach a Hadoop cluster with."""

_LIBRARIES = "companion_libraries"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Request:
    """What to execute.

    Attributes
    ----------
    source, target : str
        The notebook, and where to write the executed copy.
    parameters : dict
        For papermill to inject.
    key : str
        Stored in the copy's metadata.
    cell_timeout : float
        Seconds that one cell may take.
    folder : str
        Where the kernel works; empty for the notebook's own folder.
    """

    source: str
    target: str
    parameters: dict[str, Any]
    key: str
    cell_timeout: float
    folder: str = ""


@dataclass(frozen=True)
class Failure:
    """Why a chapter could not be executed: the cell (from 1, of all cells), its first line, and the last lines said."""

    reason: str
    cell: int | None = None
    line: str = ""
    traceback: tuple[str, ...] = ()


class TooMuchOutput(Exception):
    """A cell printed more than `MAX_OUTPUT` characters."""


def main() -> None:
    """Serve the one request of this process."""
    sys.modules.update(dict.fromkeys(_UNUSED))  # type: ignore[arg-type]  # None: not to be had
    request = Request(**json.loads(sys.stdin.readline()))
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries that print must not disturb the events
    lock = threading.Lock()

    def tell(event: dict[str, Any]) -> None:
        with lock:
            events.write(json.dumps(event) + "\n")
            events.flush()

    threading.Thread(target=_end_with_parent, daemon=True).start()
    failure = execute(request, lambda cell, of: tell({"cell": cell, "of": of}))
    tell({"failure": asdict(failure) if failure else None})


def execute(request: Request, progress: Callable[[int, int], None]) -> Failure | None:
    """Run the notebook with papermill and write the copy; return what went wrong, if anything did."""
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    from companion.notebooks import BookError, read_notebook

    try:
        read_notebook(Path(request.source))
        notebook = nbformat.read(request.source, as_version=4)
        nbformat.validate(notebook)
    except BookError as error:
        return Failure(str(error).partition(": ")[2])
    except (nbformat.ValidationError, nbformat.reader.NotJSONError) as error:
        return Failure(f"not a valid notebook: {str(error).splitlines()[0]}")
    if "name" not in notebook.metadata.get("kernelspec", {}):
        return Failure("not a valid notebook: its metadata name no kernel (kernelspec)")
    at = [0]

    def started(index: int) -> None:
        at[0] = index
        progress(index + 1, len(notebook.cells))

    def failed(reason: str, traceback: Sequence[str] = (), index: int | None = None) -> Failure:
        index = at[0] if index is None else index
        # papermill counts the cell of injected parameters, which the reader's notebook does not have
        index -= 1 if request.parameters and index > _parameters_cell(notebook) else 0
        source = notebook.cells[index].source if index < len(notebook.cells) else ""
        last = [line for line in _ANSI.sub("", "\n".join(traceback)).splitlines() if line.strip()][-12:]
        return Failure(reason, index + 1, source.strip().partition("\n")[0], tuple(last))

    _register_engine(started)
    try:
        done = execute_notebook(
            notebook, None, parameters=request.parameters, engine_name="companion", progress_bar=False,
            request_save_on_cell_execute=False, execution_timeout=request.cell_timeout,
            cwd=request.folder or str(Path(request.source).parent),
        )  # fmt: skip
    except PapermillExecutionError as error:
        # not the cell reached last: one tagged `raises-exception` lets those after it run
        return failed(f"{error.ename}: {_short(error.evalue)}", error.traceback, error.cell_index)
    except CellTimeoutError:
        return failed(f"the cell did not end within {request.cell_timeout:g} s (--cell-timeout)")
    except DeadKernelError:
        return failed("the kernel died while it ran this cell")
    except TooMuchOutput as error:
        return failed(str(error))
    except NoSuchKernel as error:
        return Failure(f"there is no kernel named {error.name!r}")
    except RuntimeError as error:  # a kernel that cannot start
        return failed(_short(str(error)))
    for index, cell in enumerate(done.cells):  # papermill takes sys.exit() for a good end, and leaves the rest undone
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return failed("SystemExit: a cell must not end the chapter", index=index)
    libraries = done.metadata.pop(_LIBRARIES, {})
    done.metadata.pop("papermill", None)
    for cell in done.cells:
        cell.metadata.pop("execution", None)  # the hour of each message
        if "papermill" in cell.metadata:  # keep the time that the check reports, drop what differs at every run
            seconds = cell.metadata.pop("papermill").get("duration")
            cell.metadata["companion_seconds"] = round(seconds or 0, 3)
    seed = request.parameters.get("seed", seed_of(notebook.cells))
    write_copy(done, Path(request.target), key=request.key, libraries=libraries, seed=seed)
    return None


def write_copy(notebook: Any, target: Path, *, key: str, libraries: dict[str, str], seed: Any) -> None:
    """Write an executed notebook, with the key of what it was made from and with what it ran."""
    import nbformat

    notebook.metadata["companion_key"] = key
    notebook.metadata[KEY] = {
        "python": notebook.metadata.get("language_info", {}).get("version", ""),
        "libraries": libraries,
        "seed": seed,
    }
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata.setdefault("companion_seconds", 0.0)
    nbformat.write(notebook, target)


def _register_engine(started: Callable[[int], None]) -> None:
    from jupyter_core.utils import run_sync
    from nbclient.exceptions import DeadKernelError
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

    class BoundedClient(PapermillNotebookClient):  # type: ignore[misc]
        """A client that reports each cell as it starts and stops a cell that prints without end."""

        printed = 0

        async def async_execute_cell(self, cell: Any, cell_index: int, *args: Any, **kwargs: Any) -> Any:
            self.printed = 0
            started(cell_index)
            try:
                return await super().async_execute_cell(cell, cell_index, *args, **kwargs)
            except DeadKernelError:
                if self.printed > MAX_OUTPUT:
                    raise TooMuchOutput(f"the cell printed more than {MAX_OUTPUT:,} characters") from None
                raise

        execute_cell = run_sync(async_execute_cell)

        def papermill_execute_cells(self) -> None:
            super().papermill_execute_cells()
            self.nb.metadata[_LIBRARIES] = run_sync(self._ask_libraries)()

        async def _ask_libraries(self) -> dict[str, str]:
            """Ask the kernel what it has loaded; one that has no companion, or is no Python, does not say."""
            try:
                reply = await self.kc.execute_interactive(
                    "", silent=True, store_history=False, user_expressions={"loaded": ask(self.nb)}, allow_stdin=False,
                    timeout=10, output_hook=lambda message: None,
                )  # fmt: skip
            except (TimeoutError, RuntimeError):
                return {}
            return told(reply["content"].get("user_expressions", {}).get("loaded", {}))

        def process_message(self, msg: Any, *args: Any, **kwargs: Any) -> Any:
            content = msg.get("content", {})
            self.printed += len(content.get("text") or "") + sum(
                len(str(v)) for v in (content.get("data") or {}).values()
            )
            if self.printed > MAX_OUTPUT:
                self.task_poll_for_reply.cancel()  # the client's own way to give a cell up; it would wait for its end
                return None
            return super().process_message(msg, *args, **kwargs)

    class BoundedEngine(NBClientEngine):  # type: ignore[misc]
        """Papermill's own engine with the bounded client."""

        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, execution_timeout: float = 120, **kwargs: Any
        ) -> None:
            client = BoundedClient(
                nb_man, timeout=execution_timeout, startup_timeout=60, kernel_name=kernel_name,
                shutdown_kernel="immediate", coalesce_streams=True,
            )  # fmt: skip
            client.execute()

    papermill_engines.register("companion", BoundedEngine)


def _parameters_cell(notebook: Any) -> int:
    tagged = (i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    return next(tagged, -1)


def _short(text: str) -> str:
    first = _ANSI.sub("", text).strip().partition("\n")[0]
    return first if len(first) <= 200 else first[:200] + " ..."


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)  # the kernel watches this process and ends with it


if __name__ == "__main__":
    main()
