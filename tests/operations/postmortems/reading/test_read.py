"""Any file is read, or refused in one line; what is said decides, and not how it is laid out."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.document import Document, PostmortemError, Role
from companion.operations.postmortems.reading.read import LARGEST, LONGEST, parse, read
from tests.operations.postmortems.draws import few, tried
from tests.operations.postmortems.reading.samples import HEADINGS, PARTS, TITLE, written

ORDER = list(PARTS)


# What stands where


@pytest.mark.parametrize(("text", "title", "line"), [
    ("# Down\n\n## Summary\n", "Down", 1), ("---\ntitle: Down\n---\n\n## Summary\n", "Down", 2),
    ("## Down\n\n### Summary\n\nx\n", "Down", 1),
    ("---\ntitle: Other\n---\n# Down\n\n## Summary\n", "Down", 4),
    ('+++\ntitle = "Down"\n+++\n# Summary\n\n# Impact\n', "Down", 2),
    ("## Summary\n\nx\n\n## Impact\n\ny\n", "", None), ("# Summary\n\nx\n\n# Impact\n\ny\n", "", None),
    ("Down\n====\n\nx\n", "Down", 1),
    ("<!-- prompt -->\n\n# **Down**\n", "Down", 3), ("```\n# no title\n```\n\n# Down\n", "Down", 5),
    ("words\n", "", None),
])  # fmt: skip
def test_a_title_may_stand_in_several_places_or_nowhere(text: str, title: str, line: int | None) -> None:
    document = parse(text)
    assert (document.title, document.title_line) == (title, line)


@pytest.mark.parametrize("top", [
    "---\nowner: Ines Okafor\n---\n# Down\n", "# Down\n\nOwner: Ines Okafor\n", "# Down\n\n**Owner:** Ines Okafor\n",
    "# Down\n\n- **Owner**: Ines Okafor\n",
    "# Down\n\n| | |\n|-|-|\n| Owner | Ines Okafor |\n", "# Down\n\n| Owner | Ines Okafor |\n|-|-|\n| Status | x |\n",
    "# Down\n\n## Owner\n\nInes Okafor\n",
    "# Down\n\nDate: 2026-03-14  \nOwner: Ines Okafor\n", '+++\nOwner = "Ines Okafor"\n+++\n# Down\n',
])  # fmt: skip
def test_the_top_says_who_owns_it(top: str) -> None:
    assert parse(f"{top}\n## Impact\n\nAuthor: nobody\n").meta["owner"][0] == "Ines Okafor"


@pytest.mark.parametrize("text", [
    "---\ndate: 2026-03-14\n---\n# Down\n", "# Down on 14 March 2026\n", "# Down\n\nDate: March 14th, 2026\n",
    "# Down\n\n## Timeline, 2026-03-14\n\n- 14:00 a\n",
    "# Down\n\n## Timeline\n\n- 2026-03-14 14:00 a\n", "# Down\n\nOn 14.03.2026 we were down.\n",
    "# Down\n\n## Date\n\n2026-03-14\n",
])  # fmt: skip
def test_the_day_of_the_incident_is_found(text: str) -> None:
    assert parse(text).date == dt.date(2026, 3, 14)


def test_the_name_of_the_file_may_tell_the_day() -> None:
    assert parse("# Down\n", "incidents/2026-03-14-down.md").date == dt.date(2026, 3, 14)
    assert parse("# Down\n", "incidents/2026_03_14.qmd").date == dt.date(2026, 3, 14)
    assert parse("# Down\n", "down.html.md").date is None


# The same content in another layout


def told(document: Document) -> tuple[object, ...]:
    """Give what a document says, without lines."""
    return (
        sorted((entry.start, entry.text, entry.zone, sorted(entry.phases)) for entry in document.timeline),
        [(why.number, why.depth, why.question, why.answer) for why in document.whys],
        [(lesson.number, lesson.text, lesson.actions) for lesson in document.lessons],
        [(a.number, a.text, a.owner, a.due, a.priority, a.state, a.lessons) for a in document.actions],
        document.title, document.date,
    )  # fmt: skip


def roles(document: Document) -> dict[Role, str]:
    return {role: document.text(role) for role in Role if document.of(role) and role is not Role.SUMMARY}


BASE = parse(written(ORDER))
names = st.fixed_dictionaries({part: st.sampled_from(known) for part, known in HEADINGS.items()})


def test_the_small_post_mortem_is_read_as_a_whole() -> None:
    assert [len(part) for part in (BASE.timeline, BASE.whys, BASE.lessons, BASE.actions)] == [4, 3, 2, 2]
    assert [section.role.value for section in BASE.sections if section.heading] == ORDER
    assert BASE.language == "en"


@few
@given(st.permutations(ORDER), names, st.integers(2, 5))
def test_order_headings_and_depth_change_nothing_that_is_said(
    order: list[str], known: dict[str, str], level: int
) -> None:
    document = parse(written(order, known, level))
    assert told(document) == told(BASE)
    assert roles(document) == roles(BASE)


@few
@given(st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\ufeff"]), st.booleans())
def test_line_ends_and_marks_at_the_beginning_change_nothing(end: str, mark: str, underlined: bool) -> None:
    text = written(ORDER)
    if underlined:
        text = "\n".join(
            f"{line[3:]}\n{'-' * len(line)}" if line.startswith("## ") else line for line in text.split("\n")
        )
    document = parse(mark + text.replace("\n", end))
    assert told(document) == told(BASE)


def test_a_part_may_be_missing_without_a_change_to_the_others() -> None:
    for part in ORDER:
        document = parse(written([other for other in ORDER if other != part]))
        assert [section.role.value for section in document.sections if section.heading] == [
            other for other in ORDER if other != part
        ]


# Whatever it is


@few
@given(st.integers(0, len(written(ORDER))))
def test_a_document_may_end_anywhere(end: int) -> None:
    document = parse(written(ORDER)[:end])
    assert len(document.timeline) <= 4
    assert all(section.line <= written(ORDER).count("\n") + 1 for section in document.sections)


pieces = st.sampled_from([
    "# ", "## ", "- ", "1. ", "> ", "| ", " |", "\n", "\n\n", "```\n", "<!-- ", " -->", "**", "__", "~~", "[", "](u)",
    "![", "<br>", "<div>", "---\n", "+++\n",
    "|---|---|\n", "    ", "\t", "14:02 ", "2026-03-14 ", "UTC ", "Why? ", "-> ", "Owner: ", "Timeline", "Root cause",
    "Action items", "Lessons", "[x] ", "\\",
    "lint off graphs: x", "restricted", "/restricted", "\0", "\ufeff", "\u2028", "\x0b", "é", "教訓", "💥", "a",
    "word ", ": ", "@ben ", "(restricted)",
])  # fmt: skip


@tried(40)
@given(st.lists(pieces, max_size=60))
def test_any_markdown_is_read_or_refused(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        document = parse(text)
    except PostmortemError as error:
        assert "\n" not in str(error)
        return
    last = text.count("\n") + text.count("\r") + 1
    said = (document.sections, document.timeline, document.whys, document.lessons, document.actions)
    assert all(1 <= thing.line <= last for things in said for thing in things)


@few
@given(
    data=st.one_of(
        st.binary(max_size=300), st.binary(max_size=100).map(lambda some: b"# Down\n\n## Timeline\n\n- 14:00 " + some)
    )
)
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.md"
    path.write_bytes(data)
    try:
        read(path)
    except PostmortemError as error:
        assert "\n" not in str(error)
        assert str(error).startswith(str(path))


@pytest.mark.parametrize(("data", "message"), [
    (b"", "empty"), (b" \n\t\n", "empty"), (b"\xef\xbb\xbf", "empty"), (b"\x89PNG\r\n\x1a\n\0\0", "null bytes"),
    (b"PK\x03\x04\0\0", "null bytes"),
    ("# Ausfall\n\nBehörde".encode("latin-1"), r":3: not UTF-8 \(byte 0xf6\)"), ("# Down".encode("utf-16"), "not "),
    (b"\xff\xfe\xfd", ":1: not UTF-8"),
    (b"just a sentence", "no heading and no timeline"), (b"a" * (LARGEST + 1), "larger than"),
    (b"<html><body>hi</body></html>", "no heading"),
])  # fmt: skip
def test_a_file_that_is_no_post_mortem_is_refused_in_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x.md"
    path.write_bytes(data)
    with pytest.raises(PostmortemError, match=message) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(str(path))


def test_what_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(tmp_path / "nowhere.md")
    for path in (tmp_path, tmp_path / "missing.md", tmp_path / "link.md"):
        with pytest.raises(OSError, match=path.name):
            read(path)


@pytest.mark.parametrize("name", ["x.qmd", "x.md.erb", "x.html.md", "x"])
def test_the_name_of_a_file_does_not_matter(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(written(ORDER), "utf-8")
    assert told(read(tmp_path / name)) == told(BASE)


# However long it is


def cost(text: str) -> float:
    """Give the CPU seconds of reading a text."""
    begin = time.process_time()
    parse(text)
    return time.process_time() - begin


def slow(long: str, short: str, *, times: float, grace: float) -> str:
    """Say what both take if the long text takes more than so many times what the short one does, and a grace.

    Others on the machine can only add to what a text takes: what seems slow is read once more, and the best counts.
    """
    took = cost(long)
    if took < grace or took < times * cost(short) + grace:
        return ""
    took, base = min(took, cost(long)), min(cost(short), cost(short))
    return "" if took < times * base + grace else f"{base:.3f} s, then {took:.3f} s"


PLACES = {
    "an entry": f"{TITLE}## Timeline\n\n10:00 x %s y\n", "an action": f"{TITLE}## Actions\n\n- x %s y\n",
    "a lesson": f"{TITLE}## Lessons\n\n1. x %s y\n",
    "a why": f"{TITLE}## Five whys\n\n1. Why x %s\n", "a heading": f"{TITLE}## x %s y\n",
    "a label": f"{TITLE}**%s**: x\n", "a comment": f"{TITLE}<!-- lint off %s -->\n",
    "front matter": "---\n%s\n---\n# Down\n",
    "a cell": f"{TITLE}## Actions\n\n| Action | b |\n|-|-|\n| x y z %s | b |\n", "prose": f"{TITLE}%s\n",
}  # fmt: skip
SEEDS = [
    "a",
    "1",
    " ",
    "-",
    "(",
    "A ",
    "1.",
    ": ",
    ", ",
    "Aa ",
    "why ",
    "10:00 ",
    "2026-03-14 ",
    "UTC ",
    "lesson 1, ",
    "-> 1 ",
    "owner ",
    "error ",
    "<img ",
    "`",
]


@pytest.mark.parametrize("place", PLACES)
def test_no_line_is_slow_however_it_goes_on(place: str) -> None:
    for seed in SEEDS:
        short, long = (PLACES[place] % (seed * (size // len(seed))) for size in (2_000, 8_000))
        assert not (taken := slow(long, short, times=6, grace=0.075)), f"{seed!r} in {place}: {taken}"


def times(count: int, make: Callable[[int], str]) -> str:
    return "".join(map(make, range(count)))


MANY: dict[str, Callable[[int], str]] = {
    "rows": lambda n: f"{TITLE}## Timeline\n\n| Time | What |\n|-|-|\n" + times(n,
    lambda i: f"| {i % 24}:{i % 60:02} | x |\n"),
    "items": lambda n: f"{TITLE}## Action items\n\n" + times(n, lambda i: f"- [ ] do {i} (@ben)\n"),
    "headings": lambda n: TITLE + times(n, lambda i: f"## Impact {i}\n\nx\n\n"),
    "comments": lambda n: TITLE + times(n, lambda i: f"a\n\n<!-- lint off graphs: {i} -->\n\n"),
    "comments in a line": lambda n: f"{TITLE}<!-- a -->" + "<!-- b -->\n" * n,
    "breaks": lambda n: f"{TITLE}## Timeline\n\n" + times(n, lambda i: f"{i % 24}:00 x<br>\n"),
    "whys": lambda n: f"{TITLE}## Five whys\n\n" + times(n, lambda i: f"{i}. Why {i}?\n   -> x\n"),
    "restrictions": lambda n: TITLE + times(n, lambda i: f"## x {i} (restricted)\n\n"),
    "bold words": lambda n: TITLE + "**a** b\n" * n,
    "links": lambda n: f"{TITLE}- " + "[a](b)\n  " * n,
}  # fmt: skip


@pytest.mark.parametrize("what", MANY)
def test_four_times_as_much_takes_about_four_times_as_long(what: str) -> None:
    assert slow(MANY[what](1_000), MANY[what](250), times=9, grace=0.1) == ""


def test_ten_thousand_rows_and_a_line_of_a_megabyte_are_read() -> None:
    document = parse(f"{TITLE}## Log\n\n" + "x" * 1_000_000 + "\n\n" + "| a |\n|-|\n" + "| b |\n" * 10_000)
    assert len(document.sections[-1].blocks) == 10_001
    assert len(document.sections[-1].blocks[0].text) == LONGEST


def test_an_embedded_picture_does_not_hide_what_follows_it() -> None:
    document = parse(
        f"{TITLE}## Impact\n\n![rate](data:image/png;base64,{'iVBORw0K' * 10_000}) 2,300 checkouts failed.\n"
    )
    assert document.text(Role.IMPACT).endswith("2,300 checkouts failed.")


def test_below_a_heading_that_names_no_incident_the_only_second_one_is_the_title() -> None:
    assert parse("# Notes\n\n## Orders sent twice\n\n### Impact\n\n31 orders.\n").title == "Orders sent twice"
    assert parse("# Notes\n\n## Orders sent twice\n\nx\n\n## Orders lost\n\ny\n").title == "Notes"


def test_a_footnote_may_give_the_day() -> None:
    assert parse("# Orders sent twice[^1]\n\n## Impact\n\n31.\n\n[^1]: 9 May 2026\n").date == dt.date(2026, 5, 9)


def test_a_heading_that_is_not_known_among_h1s_that_are_sections_is_no_title() -> None:
    assert parse("# Summary\n\na\n\n# Stakeholder list\n\nb\n\n# Root cause\n\nc\n").title == ""
