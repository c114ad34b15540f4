from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

import companion.services.control_room as package
from companion.services.a2a.server.app import Settings
from companion.services.a2a.server.card import make_card
from companion.services.a2a.server.guard import Limits
from companion.services.a2a.tasks.workers import Terms
from companion.services.control_room.app import with_control_room
from companion.services.control_room.signing import RoomError
from companion.services.mcp import conversation
from companion.services.samples import ADA
from companion.services.tenancy.tokens import Verifier
from tests.services.control_room.conftest import SKILL, Site, echo

FILES = sorted((Path(package.__path__[0]) / "page").iterdir())
PAGES = ["/control-room", *(f"/control-room/{file.name}" for file in FILES)]
ASKED = {"tenant": str(ADA), "user": "ada"}


def tokens(web: httpx.Client) -> dict[str, str]:
    found: dict[str, str] = web.post("/control-room/tokens", json=ASKED).json()["tokens"]
    return found


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "a2a-version": "1.0"}


@pytest.mark.parametrize("path", PAGES)
def test_every_file_comes_under_a_policy_that_runs_no_script_but_files_of_this_server(site: Site, path: str) -> None:
    with site.web() as web:
        answer = web.get(path)
    assert answer.status_code == 200
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("require-trusted-types-for") == "'script'" and policy.pop("trusted-types") == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert {name for name, source in policy.items() if source == "'self'"} == {
        "script-src", "style-src", "img-src", "connect-src",
    }  # fmt: skip
    assert answer.headers["x-content-type-options"] == "nosniff"
    kind = answer.headers["content-type"].partition(";")[0]
    wanted = {".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    assert kind == wanted.get(Path(path).suffix, "text/html")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_names_another_host_or_reads_a_text_as_html(file: Path) -> None:
    text = file.read_text("utf-8")
    assert set(re.findall(r"https?://[^\s\"'`]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|srcdoc", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=\"|\bstyle=|javascript:", text)


@pytest.mark.parametrize(
    "path", ["/control-room/app.py", "/control-room/%2e%2e/app.py", "/control-room/..%2fapp.py", "/control-room/page/"]
)
def test_nothing_else_of_the_package_is_there(site: Site, path: str) -> None:
    with site.web() as web:
        assert web.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/control-room", "/control-room/room.mjs", "/control-room/tenants"])
def test_a_name_that_is_not_ours_gets_no_page(site: Site, path: str) -> None:
    with site.web() as web:
        assert web.get(path, headers={"host": "evil.example"}).status_code == 421
        assert web.get(path, headers={"origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_a_page_of_another_site_gets_no_token(site: Site, origin: str) -> None:
    with site.web() as web:
        assert web.post("/control-room/tokens", json=ASKED, headers={"origin": origin}).status_code == 403
        assert web.post("/control-room/tokens", json=ASKED, headers={"origin": site.url}).status_code == 200


def test_what_a_page_can_send_unasked_is_not_taken(site: Site) -> None:
    with site.web() as web:
        answer = web.post("/control-room/tokens", content=b"{}", headers={"content-type": "text/plain"})
        assert answer.status_code == 415
        assert web.post("/control-room/tokens", content=b"{", headers={"content-type": "application/json"}).is_error
        big = web.post("/control-room/tokens", json=ASKED | {"user": "a" * 2_000_000})
        assert big.status_code == 413


def test_the_agent_and_the_tools_ask_for_a_token_each_of_its_own(site: Site) -> None:
    listing = conversation.request("tools/list")
    with site.web() as web:
        given = tokens(web)
        assert web.get("/rest/tasks").status_code == 401
        assert web.get("/rest/tasks", headers=bearer(given["a2a"])).status_code == 200
        assert web.get("/rest/tasks", headers=bearer(given["mcp"])).status_code == 401
        for audience, status in (("mcp", 200), ("a2a", 401)):
            said = conversation.headers(listing) | bearer(given[audience])
            assert conversation.post(web, f"{site.url}/mcp", listing, said).status == status


def test_the_agent_lets_pages_of_its_own_name_call_and_no_others(site: Site) -> None:
    with site.web() as web:
        headers = bearer(tokens(web)["a2a"])
        assert web.get("/rest/tasks", headers=headers | {"origin": site.url}).status_code == 200
        assert web.get("/rest/tasks", headers=headers | {"origin": "http://evil.example"}).status_code == 403
        assert web.get("/.well-known/agent-card.json").json()["name"] == "Echo"
        assert "authorization_servers" in web.get("/.well-known/oauth-protected-resource/mcp").json()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost"])
def test_it_is_not_made_for_an_address_that_others_reach(site: Site, host: str) -> None:
    card = make_card("Echo", "An agent for tests.", "http://a.example", [SKILL])
    verifier = Verifier(site.issuer.jwks(), site.issuer.name, "a2a")
    settings = Settings(site.database.app, card, echo, verifier, Limits(frozenset()), Terms("a"))
    with (
        pytest.raises(RoomError, match=re.escape(f"not to {host}")),
        with_control_room(settings, site.database, site.issuer, (host, 8009)),
    ):
        pass
