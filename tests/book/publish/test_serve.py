"""The pages are served to a reader, and follow the edits of an author."""

from __future__ import annotations

import gzip
import http.server
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from companion.book.publish.serve import PageHandler


def get(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return f"status {error.code}"


@pytest.fixture(scope="module")
def served(new_book: Callable[[Path], Any], tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Serve a book with one chapter, on a free port; `address` and `process` are those of the server."""
    book = new_book(tmp_path_factory.mktemp("served") / "small")
    book.chapter("01-first", "print('executed for the reader')")
    book.process = book.start("serve", "--port", "0")
    line = book.process.stderr.readline()
    assert line.startswith("ready http://127.0.0.1:"), line
    book.address = line.split()[1]
    tools.eventually(lambda: "first page" in get(book.address), "the page is served")
    yield book
    book.process.kill()
    book.process.communicate()


def test_what_is_served_is_not_kept_by_the_browser_and_stays_in_its_folder(served: Any) -> None:
    with urllib.request.urlopen(served.address, timeout=10) as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
    assert get(f"{served.address}..%2f..%2f_config.yml") == "status 404"
    assert get(f"{served.address}nowhere.html") == "status 404"


def test_pages_follow_every_edit_until_the_server_is_told_to_stop(served: Any, tools: Any) -> None:
    assert "executed for the reader" in get(f"{served.address}chapters/01-first.html")
    # A chapter, then a page that is wrong, then right again: the server outlives all of them.
    served.chapter("01-first", "print('executed again')")
    tools.eventually(
        lambda: "executed again" in get(f"{served.address}chapters/01-first.html"), "an edited chapter is served"
    )
    served.page("index", "# A small book\n\n[nowhere](nowhere.md)\n")
    said = iter(served.process.stderr.readline, "")
    assert any("waiting for the next edit" in line for line in said)
    assert "first page" in get(served.address)
    served.page("index", "# A small book\n\nIts second edition.\n")
    tools.eventually(lambda: "second edition" in get(served.address), "the mended page is served")
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0


def test_without_watching_it_serves_what_is_there(book: Any, tools: Any) -> None:
    book.chapter("01-first", "print('never executed')")
    book.project.html.mkdir(parents=True)
    (book.project.html / "index.html").write_text("as it was")
    process: subprocess.Popen[str] = book.start("serve", "--port", "0", "--no-watch")
    assert process.stderr is not None
    address = process.stderr.readline().split()[1]
    assert get(address) == "as it was"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30)[1] == "stopped\n"
    assert process.returncode == 0
    assert not book["01-first"].executed.exists()


@pytest.fixture
def static(tmp_path: Path) -> Iterator[str]:
    """Serve a folder with a page, a font and a page for what is not there."""
    (tmp_path / "index.html").write_text("word " * 1000)
    (tmp_path / "font.woff2").write_bytes(bytes(1000))
    (tmp_path / "404.html").write_text("not here")
    handler = partial(PageHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_text_travels_compressed_to_those_who_ask_for_it(static: str) -> None:
    asking = {"Accept-Encoding": "gzip"}
    for path, compressed in (("", True), ("index.html?a=1", True), ("font.woff2", False)):
        with urllib.request.urlopen(urllib.request.Request(static + path, headers=asking), timeout=10) as answer:
            body = answer.read()
            assert (answer.headers["Content-Encoding"] == "gzip") is compressed
            assert int(answer.headers["Content-Length"]) == len(body) <= 1000
        assert not compressed or gzip.decompress(body).decode() == "word " * 1000
    assert get(static) == "word " * 1000
    kept = {**asking, "If-Modified-Since": answer.headers["Last-Modified"]}
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(urllib.request.Request(static, headers=kept), timeout=10)


def test_what_is_not_there_is_answered_with_the_books_own_page(static: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{static}chapters/nowhere.html", timeout=10)
    assert (answer.value.code, answer.value.read()) == (404, b"not here")


def test_a_taken_port_is_one_line_and_exit_status_two(book: Any) -> None:
    book.chapter("01-first")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = book.run("serve", "--port", str(port))
    assert (done.returncode, done.stderr) == (2, f"companion book: 127.0.0.1:{port}: Address already in use\n")


def test_an_edit_during_the_first_build_is_not_missed(book: Any, tools: Any) -> None:
    book.chapter("01-held", "from pathlib import Path\nPath('../running').touch()\nimport time\n"
                            "while Path('../hold').exists():\n    time.sleep(0.05)")  # fmt: skip
    hold: Path = book.root / "hold"
    hold.touch()
    process: subprocess.Popen[str] = book.start("serve", "--port", "0")
    try:
        assert process.stderr is not None
        address = process.stderr.readline().split()[1]
        tools.eventually((book.root / "running").exists, "the first build is under way")
        book.chapter("01-held", "print('the edit')")
        hold.unlink()
        tools.eventually(lambda: "the edit" in get(f"{address}chapters/01-held.html"), "the edit is served")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["build"]])
def test_a_book_whose_assets_are_not_installed_is_refused_before_anything_is_executed(
    book: Any, words: list[str]
) -> None:
    book.chapter("01-first")
    (book.root / "package-lock.json").write_text("{}")
    done = book.run(*words)
    assert done.returncode == 2
    assert done.stderr == "companion book: node_modules: not there; run `npm ci` (or `make book`, which does)\n"
    assert not book["01-first"].executed.exists()
