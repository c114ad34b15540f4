"""What the checks of chapter 14's exercises are made of: other ways to the same answers, and things to try."""

from __future__ import annotations

import marshal
import pickle
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

Files = dict[str, bytes]


def simulated_speedup(hits: float, cost: float, questions: int = 100_000) -> float:
    """Answer questions, of which a share hits and then takes a part of the time, and give how much faster that is."""
    hit = round(hits * questions)
    return questions / (hit * cost + (questions - hit))


# A row under its heads


@dataclass(frozen=True)
class Table:
    """The line with a table's heads, one of its rows, and what the row says: for each head, millions or None."""

    heads: str
    row: str
    says: dict[str, float | None]


_NAMES = ("Total revenue", "Cost of sales", "Revenue, Pumps", "Operating income", "Net sales", "R&D, net", "Debt 2027")


def table(rng: random.Random) -> Table:
    """Draw a table's heads and a row: in millions or thousands, some cells with a dash, some below zero."""
    thousands = rng.random() < 0.5
    quarter, year = rng.randint(1, 4), rng.randint(2019, 2030)
    heads = [f"Q{quarter} {year}", f"Q{quarter} {year - 1}"]
    if rng.random() < 0.4:
        heads.append(f"Q{quarter} {year - 1} (restated)")
    corner = f"(in {'thousands' if thousands else 'millions'}, except per share data)"
    cells, says = [], dict[str, float | None]()
    for head in heads:
        tenths = rng.choice([rng.randint(1, 99), rng.randint(100, 99_999), rng.randint(10_000, 99_999)])
        text = f"{tenths * 100:,}" if thousands else f"{tenths // 10:,}.{tenths % 10}"
        kind = rng.random()
        if kind < 0.15:
            cells.append("—")
            says[head] = None
        elif kind < 0.35:
            cells.append(f"({text})")
            says[head] = -tenths / 10
        else:
            cells.append(text)
            says[head] = tenths / 10
    name = rng.choice(_NAMES)
    wide = max(len(corner), len(name)) + rng.randint(1, 6)
    line = corner.ljust(wide) + "".join(head.rjust(len(head) + 2 + rng.randint(0, 3)) for head in heads)
    return Table(line, name.ljust(wide) + "".join(cell.rjust(max(12, len(cell) + 2)) for cell in cells), says)


# Numbers that are not there


def stands_in(number: str, text: str) -> bool:
    """Look for a number, character by character, where no other digit, comma or point of a number goes on."""
    at = text.find(number)
    while at >= 0:
        before, after = text[:at], text[at + len(number) :]
        goes_on = after[:1].isdigit() or (after[:1] in (",", ".") and after[1:2].isdigit())
        came_on = before[-1:].isdigit() or (before[-1:] in (",", ".") and before[-2:-1].isdigit())
        if not goes_on and not came_on:
            return True
        at = text.find(number, at + 1)
    return False


@dataclass(frozen=True)
class Said:
    """An answer, what it was shown, and the numbers of it that no passage that is cited for them has."""

    answer: str
    passages: tuple[str, ...]
    missing: list[str]


def some_answer(rng: random.Random) -> Said:
    """Draw passages with figures, and an answer that is right about some of them."""
    figures = [f"{rng.randint(1, 1999):,}.{rng.randint(0, 9)}" for _ in range(4)]
    lines = zip("ABCD", figures, strict=True)
    passages = tuple(f"The Company's line {letter} came to ${one} million." for letter, one in lines)
    sentences, missing = list[str](), list[str]()
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(4)
        other = (place + 1) % 4
        cited = rng.choice([[place], [place], [place, other], [other, place], [other], []])
        number = rng.choice([figures[place]] * 3 + [_changed(figures[place])])
        sentences.append(f"It came to ${number} million" + "".join(f" [{one + 1}]" for one in cited) + ".")
        if not any(stands_in(number, passages[one]) for one in cited):
            missing.append(number)
    return Said(" ".join(sentences), passages, missing)


def _changed(number: str) -> str:
    """Leave off what stands at one end of a number, so that the rest still stands in the text that has all of it."""
    return number[:-2] if len(number.replace(",", "")) > 3 else f"{number}5"


# An index that notices


def damaged(files: Mapping[str, bytes], rng: random.Random) -> tuple[Files, str]:
    """Spoil one file in one way; also what was done to it."""
    spoilt = {name: bytes(content) for name, content in files.items()}
    name = rng.choice(sorted(name for name, content in files.items() if content))
    content = bytearray(spoilt[name])
    place = rng.randrange(len(content))
    kind = rng.choice(("bit", "short", "long", "gone"))
    if kind == "bit":
        content[place] ^= 1 << rng.randrange(8)
        spoilt[name] = bytes(content)
        return spoilt, f"a bit of {name} flipped, in byte {place}"
    if kind == "short":
        spoilt[name] = bytes(content[:place])
        return spoilt, f"{name} cut off after {place} bytes"
    if kind == "long":
        spoilt[name] = bytes(content) + b"\0"
        return spoilt, f"a byte added to {name}"
    del spoilt[name]
    return spoilt, f"{name} gone"


def notices(unpack: Callable[[Files], object], files: Mapping[str, bytes], rng: random.Random, times: int) -> str:
    """Spoil files again and again; say what was done that `unpack` did not refuse with a ValueError, or ""."""
    for _ in range(times):
        spoilt, what = damaged(files, rng)
        try:
            unpack(spoilt)
        except ValueError:
            continue
        except Exception as error:  # noqa: BLE001 - a student's code may raise anything
            return f"{what}: {type(error).__name__}, where ValueError is asked for"
        return f"{what}: nothing was noticed"
    return ""


def mixes(unpack: Callable[[Files], object], files: Mapping[str, bytes], other: Mapping[str, bytes]) -> str:
    """Put one file of another index in place of its own; say which one `unpack` did not refuse, or ""."""
    for name, content in files.items():
        if other.get(name, content) != content:
            try:
                unpack({**files, name: other[name]})
            except ValueError:
                continue
            return f"{name} of another index was taken"
    return ""


_RUNNERS = (eval, exec, pickle.load, pickle.loads, marshal.load, marshal.loads)
"""What runs, or may run, what stands in its argument."""


def runs(unpack: Callable[[Files], object], files: Mapping[str, bytes]) -> str:
    """Unpack files and say what was called that may run what stands in them, or "".

    A checksum is no help there: who writes the files writes the checksum. `files` have been unpacked before, so that
    what is imported within `unpack` has been run.
    """
    called: list[str] = []

    def watch(frame: FrameType, event: str, what: object) -> None:
        of = getattr(what, "__self__", None)
        if event == "c_call" and (any(what is one for one in _RUNNERS) or isinstance(of, pickle.Unpickler)):
            called.append(getattr(what, "__name__", "?"))

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        unpack(dict(files))
    finally:
        sys.setprofile(before)
    return f"{called[0]} runs what stands in a file" if called else ""


def some_vectors(rng: random.Random, count: int) -> tuple[list[str], list[list[float]]]:
    """Draw texts, with quotes and signs of other scripts in them, and a few numbers for each."""
    letters = "ab c\"'\\\n,é—日[]"
    texts = ["".join(rng.choice(letters) for _ in range(rng.randrange(12))) for _ in range(count)]
    return texts, [[round(rng.uniform(-1, 1), 6) for _ in range(4)] for _ in texts]


def same(ours: tuple[Sequence[str], Sequence[Sequence[float]]], theirs: object) -> bool:
    """Whether texts and numbers came back as they went, numbers within a millionth."""
    if not isinstance(theirs, tuple | list) or len(theirs) != 2:
        return False
    texts, rows = theirs
    return [*texts] == [*ours[0]] and len(rows) == len(ours[1]) and all(
        len(one) == len(other) and all(abs(a - float(b)) < 1e-6 for a, b in zip(one, other, strict=True))
        for one, other in zip(ours[1], rows, strict=True)
    )  # fmt: skip
