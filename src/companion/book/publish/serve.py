"""Serve the built pages over loopback, and rebuild what an edit touches."""

from __future__ import annotations

import gzip
import http.server
import io
import re
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, BinaryIO

from companion.book.project import Project
from companion.import_graph import PACKAGE


@lru_cache(maxsize=128)
def _compressed(file: Path, changed: int) -> bytes:
    """Compress a file, once for each time that it has changed: every page asks for the same scripts and styles."""
    return gzip.compress(file.read_bytes(), 6, mtime=0)


class PageHandler(http.server.SimpleHTTPRequestHandler):
    """Static files as a host of pages serves them: text compressed, and the book's own page for what is not there.

    Requests are not logged. A browser may keep only what has its version in its name.
    """

    extensions_map = {  # noqa: RUF012 - the base class declares it so
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def send_head(self) -> Any:
        """Send the headers, and give what follows them."""
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() and self.path.partition("?")[0].endswith("/") else file
        kind = self.guess_type(str(file))
        wanted = "gzip" in self.headers.get("Accept-Encoding", "")
        text = kind.startswith("text/") or kind.endswith(("json", "xml", "javascript"))
        # what a browser holds already is for the base class to compare
        if not (wanted and text and file.is_file() and "If-Modified-Since" not in self.headers):
            return super().send_head()
        changed = self.date_time_string(file.stat().st_mtime)
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding", "Last-Modified": changed}
        return self._send(200, kind, _compressed(file, file.stat().st_mtime_ns), headers)

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file; a browser that has gone away is no news."""
        with suppress(ConnectionError):
            super().copyfile(source, outputfile)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with the book's page for what is not there, if that is what happened and the book has one."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = self._send(code, "text/html; charset=utf-8", page.read_bytes(), {})
        if self.command != "HEAD":
            self.wfile.write(body.read())

    def _send(self, code: int, kind: str, content: bytes, headers: dict[str, str]) -> BinaryIO:
        self.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        return io.BytesIO(content)

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
