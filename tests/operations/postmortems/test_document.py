"""The model of a post mortem: frozen, and easy to ask."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from companion.errors import CompanionError
from companion.operations.postmortems.document import Block, Document, PostmortemError, Role, Section


def section(role: Role, *texts: str) -> Section:
    return Section(role, role.value.title(), 1, 2, tuple(Block("paragraph", 2, text) for text in texts))


DOCUMENT = Document(
    "x.md", "Down", 1, {}, None, "en",
    (section(Role.SUMMARY, "a"), section(Role.IMPACT, "b", "c"), section(Role.SUMMARY, "d")),
)  # fmt: skip


def test_sections_are_asked_for_by_role_in_the_order_of_the_page() -> None:
    assert [one.text for one in DOCUMENT.of(Role.SUMMARY)] == ["a", "d"]
    assert [one.role for one in DOCUMENT.of(Role.IMPACT, Role.SUMMARY)] == [Role.SUMMARY, Role.IMPACT, Role.SUMMARY]
    assert DOCUMENT.of(Role.GLOSSARY) == ()


def test_the_text_of_roles_is_joined() -> None:
    assert DOCUMENT.text(Role.SUMMARY) == "a\nd"
    assert DOCUMENT.text(Role.IMPACT) == "b\nc"
    assert DOCUMENT.text(Role.LESSONS) == ""


def test_what_others_say_and_code_are_not_the_text_of_a_section() -> None:
    blocks = (
        Block("paragraph", 1, "ours"),
        Block("paragraph", 2, "theirs", quoted=True),
        Block("code", 3, "rm"),
        Block("row", 4, "x | y"),
    )
    assert Section(Role.CAUSES, "", 1, 2, blocks).text == "ours\nx | y"


def test_nothing_in_a_document_can_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        DOCUMENT.title = "Up"  # type: ignore[misc]


def test_its_source_is_left_out_of_what_is_printed() -> None:
    assert "secret" not in repr(Document("x.md", "", None, {}, None, "en", (), source="secret"))


def test_its_error_is_one_of_the_packages() -> None:
    assert issubclass(PostmortemError, CompanionError)
