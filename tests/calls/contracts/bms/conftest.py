"""Screens for properties: rows drawn at random, and a legend that fits."""

from __future__ import annotations

from hypothesis import strategies as st

KINDS = ["input", "numeric", "password", "protected"]
_WORD = st.text("abcXYZ09'&,()=.*", min_size=1, max_size=9)


@st.composite
def templates(draw: st.DrawFn) -> str:
    """Draw a template in its normal form: rows without blanks at the end, one blank line, the legend."""
    rows: list[str] = []
    legend: list[str] = []
    for _ in range(draw(st.integers(1, 6) | st.just(24))):
        row = " " * draw(st.sampled_from([1, 1, 2, 40, 70]))
        for _ in range(draw(st.integers(0, 5))):
            field = draw(st.booleans())
            room = 80 - len(row)
            if room < 1:
                break
            if field:
                row += "_" * min(room, draw(st.sampled_from([1, 2, 8, 79])))
                legend.append(f"{f'F{len(legend)}':<8}  {draw(st.sampled_from(KINDS))}")
            else:
                row += draw(_WORD)[:room]
            row += " " * draw(st.sampled_from([1, 1, 2, 5]))
        rows.append(row[:80].rstrip())
    drawn = "\n".join(rows).rstrip("\n")
    return "\n".join([drawn, "", "map RANDOM", *legend, ""])
