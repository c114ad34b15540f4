"""Annotated dumps: as text and as HTML they show each byte, or mask it."""

import re

from companion.calls.wire.recording.annotate import annotate
from companion.calls.wire.recording.dump import WIDTH, Dump, annotated, as_html, as_text
from companion.calls.wire.recording.notes import Row
from companion.calls.wire.recording.record import Exchange


def test_a_dump_shows_each_byte_or_masks_it(exchanges: list[Exchange]) -> None:
    for exchange in exchanges:
        rows = annotate(exchange)
        pairs = [pair for line in as_text(rows).splitlines() for pair in line[6 : 6 + 3 * WIDTH].split()]
        assert len(pairs) == len(exchange.request)
        in_html = " ".join(re.findall("<code>(.*?)</code>", as_html(rows))).split()
        assert in_html == pairs


def test_a_call_is_shown_with_its_answer(exchanges: list[Exchange]) -> None:
    shown = annotated(exchanges[1])
    assert repr(shown) == f"{as_text(annotate(exchanges[1]))}\n\n{as_text(annotate(exchanges[1], 'answer'))}"
    assert shown._repr_html_().count('class="dump"') == 2


def test_what_a_peer_wrote_is_no_markup() -> None:
    shown = Dump([[Row(0, b"<b>", '"<b>"')]])._repr_html_()
    assert "<b>" not in shown and "&lt;b&gt;" in shown


def test_what_is_masked_is_shown_as_dots() -> None:
    assert as_text([Row(0, b"Host: h", "Host: ·", masked=(6, 7))]) == f"0000  {'48 6f 73 74 3a 20 ··':<36} Host: ·"
