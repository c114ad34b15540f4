"""Server-Sent Events and WebSockets in a real browser, over HTTP/1.1 and HTTP/2, and behind a proxy that buffers.

The browser is Chromium, driven by Playwright, over loopback. HTTP/2 is hypercorn's and the proxy is nginx; neither is a
dependency of the book, so what they show is recorded, and measuring it anew needs both:

    pip install --target D hypercorn==0.18.0, and D in PYTHONPATH; nginx in PATH, or its name in COMPANION_NGINX
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from companion.errors import CompanionError
from companion.services.a2a.laboratory.sdk import wait_for
from companion.services.serving import listening

SOURCES = 30
SOCKETS = 60
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip

OPEN_MANY = """
async ([sources, sockets]) => {
  const settled = (open, fail, ms) => Promise.race([open, new Promise(done => setTimeout(done, ms, false))]);
  const streams = Array.from({length: sources}, () => new EventSource("/hold"));
  await new Promise(done => setTimeout(done, 2500));
  const opened = streams.filter(each => each.readyState === EventSource.OPEN).length;
  const fetched = await settled(fetch("/plain").then(() => true, () => false), null, 2000);
  streams.forEach(each => each.close());
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const lines = Array.from({length: sockets}, () => new WebSocket(`${scheme}://${location.host}/ws`));
  const count = () => lines.filter(each => each.readyState === WebSocket.OPEN).length;
  for (let turn = 0; turn < 100 && count() < sockets; turn++) await new Promise(done => setTimeout(done, 200));
  const connected = count();
  lines.forEach(each => each.close());
  return [opened, fetched, connected];
}
"""

FOLLOW = """
async (path) => {
  const heard = [];
  const stream = new EventSource(path);
  stream.onmessage = event => heard.push(event.data);
  await new Promise(done => setTimeout(done, 2500));
  const state = stream.readyState;
  stream.close();
  return [heard, state];
}
"""


class NotHere(CompanionError, RuntimeError):
    """A program that the measurement needs is not installed."""


# The server that is asked


async def _page(request: Request) -> Response:
    return HTMLResponse("<!doctype html><title>experiment</title>")


async def _plain(request: Request) -> Response:
    return PlainTextResponse("ok")


async def _hold(request: Request) -> Response:
    async def events() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("here")
        await asyncio.sleep(3600)

    return EventSourceResponse(events())


async def _count(request: Request) -> Response:
    """Tell three numbers and end; with ids, go on where the reader was, up to six, and then say that it is over."""
    with_ids = request.query_params["ids"] == "1"
    last = int(request.headers.get("last-event-id", 0)) if with_ids else 0
    if last >= 6:
        return Response(status_code=204)

    async def events() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(retry=100)
        for number in range(last + 1, last + 4):
            yield ServerSentEvent(str(number), id=str(number) if with_ids else None)

    return EventSourceResponse(events())


async def _drip(request: Request) -> Response:
    """Tell ten numbers, one each fifth of a second, with or without the header that nginx heeds."""

    async def events() -> AsyncIterator[str]:
        for number in range(10):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.2)

    headers = {"cache-control": "no-cache"} | ({"x-accel-buffering": "no"} if "no" in request.query_params else {})
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


async def _ws(socket: WebSocket) -> None:
    VERSIONS.append(socket.scope.get("http_version", ""))
    await socket.accept()
    with contextlib.suppress(Exception):  # whatever ends it, it was open
        await socket.receive_text()


VERSIONS: list[str] = []
"""Of HTTP, by which each WebSocket was opened."""

APP = Starlette(
    routes=[
        Route("/", _page),
        Route("/plain", _plain),
        Route("/hold", _hold),
        Route("/count", _count),
        Route("/drip", _drip),
        WebSocketRoute("/ws", _ws),
    ]
)


@contextlib.contextmanager
def over_http1() -> Iterator[str]:
    """Serve by uvicorn."""
    server = uvicorn.Server(uvicorn.Config(APP, log_level="error", timeout_graceful_shutdown=1))
    with listening() as (listener, address):
        thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
        thread.start()
        try:
            yield f"http://{address}"  # who connects before it has started waits for it
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def over_http2() -> Iterator[str]:
    """Serve by hypercorn, with TLS, since browsers speak HTTP/2 no other way."""
    try:
        from hypercorn.asyncio import serve
        from hypercorn.config import Config
    except ImportError:
        raise NotHere("measuring HTTP/2 needs hypercorn: pip install --target D hypercorn==0.18.0") from None
    with tempfile.TemporaryDirectory(prefix="companion-h2-") as folder:
        config = Config()
        config.certfile, config.keyfile = _certificate(Path(folder))
        with listening() as (_, free):
            config.bind = [str(free)]
        config.loglevel, config.graceful_timeout = "CRITICAL", 1.0
        loop, done = asyncio.new_event_loop(), asyncio.Event()

        async def run() -> None:
            await serve(APP, config, shutdown_trigger=done.wait)

        thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
        thread.start()
        try:
            wait_for(f"http://{free}")
            yield f"https://{free}"
        finally:
            loop.call_soon_threadsafe(done.set)
            thread.join(10)
            loop.close()


@contextlib.contextmanager
def behind_nginx(url: str) -> Iterator[str]:
    """Put nginx before a server, with its default settings."""
    program = os.environ.get("COMPANION_NGINX") or shutil.which("nginx")
    if program is None:
        raise NotHere("measuring a proxy needs nginx: install it, or set COMPANION_NGINX")
    with tempfile.TemporaryDirectory(prefix="companion-nginx-") as folder:
        with listening() as (_, free):
            port = free.port
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (Path(folder) / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error crit; events {{}}"
            f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port};"
            f"location / {{ proxy_pass {url}; }} }} }}"
        )
        command = [program, "-p", folder, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error"]
        with subprocess.Popen(command) as process:
            try:
                wait_for(f"http://{free}")
                yield f"http://{free}"
            finally:
                process.terminate()


# What is measured


@contextlib.contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    binary = os.environ.get("COMPANION_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if binary is None:
        raise NotHere("measuring a browser needs Chromium: install it, or set COMPANION_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield chromium
        chromium.close()


def _open_many(url: str) -> tuple[int, bool, int]:
    with _browser() as chromium:
        page = chromium.new_context(ignore_https_errors=True).new_page()
        page.goto(url)
        opened, fetched, connected = page.evaluate(OPEN_MANY, [SOURCES, SOCKETS])
        return opened, fetched, connected


def connections() -> dict[str, float]:
    """Open thirty EventSources in one page, then fetch something; then sixty WebSockets. Over both versions of HTTP."""
    figures: dict[str, float] = {}
    for name, serving in (("http1", over_http1), ("http2", over_http2)):
        VERSIONS.clear()
        with serving() as url:
            opened, fetched, connected = _in_thread(_open_many, url)
        figures |= {f"{name}_sources": opened, f"{name}_fetch": fetched, f"{name}_sockets": connected}
        figures[f"{name}_sockets_over_http2"] = VERSIONS.count("2")
    return figures


def _follow(url: str, path: str) -> tuple[list[str], int]:
    with _browser() as chromium:
        page = chromium.new_page()
        page.goto(url)
        heard, state = page.evaluate(FOLLOW, path)
        return heard, state


def reconnections() -> dict[str, float]:
    """Let an EventSource follow a stream that ends after three events, without ids and with them."""
    with over_http1() as url:
        without, _ = _in_thread(_follow, url, "/count?ids=0")
        with_ids, state = _in_thread(_follow, url, "/count?ids=1")
    return {
        "first_without_ids": without.count("1"),
        "first_with_ids": with_ids.count("1"),
        "most_with_ids": max(map(with_ids.count, with_ids), default=0),
        "told_with_ids": len(with_ids),
        "closed_by_204": state == 2,
    }


def buffering() -> dict[str, float]:
    """Time, behind nginx, when the first of ten events comes, of which one is sent each fifth of a second."""
    figures = {}
    with over_http1() as url, behind_nginx(url) as front:
        for name, path in (("default", "/drip"), ("unbuffered", "/drip?no=1")):
            begun = time.monotonic()
            with httpx.stream("GET", f"{front}{path}", trust_env=False, timeout=30.0) as answer:
                next(answer.iter_lines())
                figures[f"{name}_seconds"] = time.monotonic() - begun
    return figures


def _in_thread(work: Any, *given: Any) -> Any:
    """Run Playwright where no event loop runs, which a notebook has."""
    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(work(*given)))
    thread.start()
    thread.join()
    return result[0]


def _certificate(folder: Path) -> tuple[str, str]:
    """Make a certificate for loopback that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1)).add_extension(place, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    ssl.create_default_context().load_cert_chain(certificate, private)  # so that a bad pair is told here
    return str(certificate), str(private)
