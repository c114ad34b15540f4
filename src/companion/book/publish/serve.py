"""Serve the built pages over loopback, and rebuild what an edit touches."""

from __future__ import annotations

import http.server
import re
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from companion.book.project import Project
from companion.import_graph import PACKAGE


class PageHandler(http.server.SimpleHTTPRequestHandler):
    """Static files, requests not logged; a browser may keep only what has its version in its name."""

    extensions_map = {  # noqa: RUF012 - the base class declares it so
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def end_headers(self) -> None:
        kept = re.match(r"/_static/vendor/(pyodide|plot|python)/", self.path)
        self.send_header("Cache-Control", "max-age=31536000, immutable" if kept else "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a line for every font would hide what a rebuild says."""


def serve_pages(
    project: Project, host: str, port: int, rebuild: Callable[[], None] | None, say: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM.

    Parameters
    ----------
    project : Project
        Whose pages.
    host, port : str and int
        Where to listen; port 0 picks a free one.
    rebuild : callable or None
        Called once at the start and after each edit; None serves what is there.
    say : callable
        Takes a line for the person at the terminal.

    Raises
    ------
    OSError
        If the address is taken.
    """
    with http.server.ThreadingHTTPServer((host, port), partial(PageHandler, directory=str(project.html))) as server:
        stop = threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        say(f"ready http://{host}:{server.server_port}/")
        try:
            if rebuild is None:
                stop.wait()
            else:
                _rebuild_on_edits(project, rebuild, stop, say)
        except KeyboardInterrupt:
            say("stopped")
        finally:
            server.shutdown()


def _rebuild_on_edits(
    project: Project, rebuild: Callable[[], None], stop: threading.Event, say: Callable[[str], None]
) -> None:
    import typer
    from watchfiles import watch

    def attempt() -> None:
        try:
            rebuild()
        except typer.Exit:
            say("waiting for the next edit")
        except OSError as error:  # a file that an editor was just replacing
            say(f"{error}; waiting for the next edit")

    watched = [project.root / "chapters", project.book, project.config, project.root / "data", PACKAGE]
    made = (project.built, project.book / "assets" / "vendor")
    # An empty round comes first, for the build at the start: the watch stands by then, so no edit during it is missed.
    first = True
    for edits in watch(
        *(path for path in watched if path.exists()),
        watch_filter=lambda change, path: not any(str(path).startswith(str(folder)) for folder in made)
        and "__pycache__" not in path and ".ipynb_checkpoints" not in path,
        stop_event=stop,
        raise_interrupt=True,
        rust_timeout=200,
        yield_on_timeout=True,
    ):  # fmt: skip
        if first or edits:
            attempt()
        first = False
