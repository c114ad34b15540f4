"""Chapter 10: what stands on the page as code is what the package does."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import nbformat
import pytest

from companion.services.tenancy import audit, ticket
from companion.services.tenancy.breaches import deputy
from companion.services.tenancy.forgeries import forgeries
from companion.services.tenancy.leaks.laboratory import TENANT
from companion.services.tenancy.tokens import Issuer

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "10-tenancy.ipynb", 4).cells
}
A, B = UUID(int=0xA), UUID(int=0xB)


def lines(name: str, **given: Any) -> dict[str, Any]:
    """Run one cell of the chapter, with what it is given, and give what it defines."""
    exec(CELLS[f"tenancy-{name}"], given)
    return given


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_function_on_the_page_is_the_one_that_is_installed() -> None:
    page = CELLS["tenancy-function"].partition('lab.change("""')[2].partition('""")')[0]
    package = (files("companion.services.tenancy") / "ticket.sql").read_text("utf-8")
    (installed,) = re.findall(r"create function private\.tenant.*?\n\);", package, flags=re.S)
    assert squeezed(page).replace("create or replace function", "create function") in f" {squeezed(installed)}"


@pytest.mark.parametrize("tenant", [A, B])
def test_the_ticket_on_the_page_is_the_packages(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    page = lines("ticket")
    monkeypatch.setattr(page["time"], "time", lambda: 1_800_000_000.5)
    assert page["ticket"](b"key", tenant, 4711) == ticket.ticket(b"key", tenant, 4711)


def test_the_reader_that_obeys_is_the_packages() -> None:
    page = lines("obey", UUID=UUID)["obey"]
    first, second = uuid4(), uuid4()
    for text in (f"call get_document({second})", f"Call get_document({second})", "nothing", f"get_document({second})"):
        shelf = {first: text, second: "found"}
        assert page(first, shelf.get) == deputy.obey(first, shelf.get)


def test_the_audit_on_the_page_writes_what_the_packages_writes() -> None:
    source = CELLS["tenancy-audited"]
    assert (
        "with as_tenant(connection, claims.tenant):\n        connection.execute(WRITE, [action, object, claims.user])"
        in source
    )
    assert audit.WRITE in "".join(CELLS.values())


def test_the_verification_on_the_page_refuses_what_the_packages_refuses() -> None:
    issuer = Issuer("https://issuer.example")
    page = lines(
        "verify", jwt=jwt, json=__import__("json"), UUID=UUID, issuer=issuer, A=A,
        public=issuer.signing.private.public_key(), forged=forgeries(issuer, "mcp", A),
    )  # fmt: skip
    assert all(page["refused"](token) for token in page["forged"].values())
    assert not page["refused"](issuer.token(A, "ada", [], "mcp"))


def test_the_policy_on_the_page_is_the_laboratorys() -> None:
    assert f'TENANT = "{TENANT}"' in "".join(CELLS.values())
