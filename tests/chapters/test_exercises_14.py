"""Chapter 14: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

ROW = """
import re


def says(heads, row):
    corner, *columns = re.split(r" {2,}", heads.strip())
    _, *cells = re.split(r" {2,}", row.strip())
    scale = SCALE

    def read(cell):
        if cell == "—":
            return NONE
        figure = float(cell.strip("()").replace(",", "")) / scale
        return NEGATIVE

    return {KEY: read(cell) for head, cell in zip(columns, cells)}
"""


def row(
    scale: str = '1000 if "thousands" in corner else 1',
    none: str = "None",
    negative: str = '-figure if cell.startswith("(") else figure',
    key: str = "head",
) -> str:
    return ROW.replace("SCALE", scale).replace("NONE", none).replace("NEGATIVE", negative).replace("KEY", key)


MISSING = r"""
import re

FIGURE = re.compile(r"\d+(?:,\d+)*(?:\.\d+)?")


def missing(answer, passages):
    lost = []
    for sentence in re.split(r"(?<=\.)\s+(?=[A-Z])", answer):
        cited = [int(number) for number in re.findall(r"\[(\d+)\]", sentence)]
        texts = [passages[number - 1] for number in cited if 1 <= number <= len(passages)]
        said = FIGURE.findall(SAID)
        lost += [figure for figure in said if LOST]
    return lost
"""


def numbers(lost: str, said: str = r're.sub(r"\[\d+\]", " ", sentence)') -> str:
    return MISSING.replace("SAID", said).replace("LOST", lost)


THERE = "not any(figure in FIGURE.findall(text) for text in texts)"

WHOLE = """
import hashlib
import json


def pack(texts, rows):
    files = {"texts": json.dumps(texts).encode(), "rows": json.dumps(rows).encode()}
    return FILES


def unpack(files):
    try:
        CHECK
        return json.loads(files["texts"]), json.loads(files["rows"])
    except ERRORS:
        raise ValueError("not as it was written")
"""


def whole(files: str, check: str, errors: str = "Exception") -> str:
    return WHOLE.replace("FILES", files).replace("CHECK", check).replace("ERRORS", errors)


PICKLED = """
import hashlib
import json
import pickle


def pack(texts, rows):
    files = {"texts": json.dumps(texts).encode(), "rows": pickle.dumps(rows)}
    return files | {"sum": hashlib.sha256(files["texts"] + b"|" + files["rows"]).digest()}


def unpack(files):
    if set(files) != {"texts", "rows", "sum"}:
        raise ValueError("a file is missing")
    if hashlib.sha256(files["texts"] + b"|" + files["rows"]).digest() != files["sum"]:
        raise ValueError("not as it was written")
    return json.loads(files["texts"]), LOADS(files["rows"])
"""

APIECE = "{n: hashlib.sha256(b).hexdigest().encode() + b for n, b in files.items()}"
APIECE_CHECK = (
    "for n, b in files.items():\n            if hashlib.sha256(b[64:]).hexdigest().encode() != b[:64]:\n"
    "                raise ValueError\n        files = {n: b[64:] for n, b in files.items()}"
)

ARRAYS = """
import hashlib
import io
import json

import numpy as np


def pack(texts, rows):
    stream = io.BytesIO()
    np.save(stream, np.array(rows))
    files = {"a": json.dumps(texts).encode(), "b": stream.getvalue()}
    return files | {"c": hashlib.sha256(files["a"] + b"|" + files["b"]).digest()}


def unpack(files):
    if {*files} != {*"abc"} or hashlib.sha256(files["a"] + b"|" + files["b"]).digest() != files["c"]:
        raise ValueError("not as it was written")
    return json.loads(files["a"]), np.load(io.BytesIO(files["b"])).tolist()
"""

WRONG = {
    "hits": [
        ("def hits_needed(faster, cost):\n    return 1 - 1 / faster", "times as fast"),
        ("def hits_needed(faster, cost):\n    return (1 - 1 / faster) / (1 - cost)", "not reached"),
        ("def hits_needed(faster, cost):\n    h = (1 - 1 / faster) / (1 - cost)\n    return min(h, 1)", "not reached"),
        (
            "def hits_needed(faster, cost):\n    h = faster * (1 - cost) / 10\n    return h if h <= 1 else None",
            "times as fast",
        ),
    ],
    "row": [
        (row(scale="1"), "million, not"),
        (row(scale="1000"), "million, not"),
        (row(none="0.0"), "not given"),
        (row(negative="figure"), "million, not"),
        (row(key='head.replace(" (restated)", "")'), "is missing"),
    ],
    "missing": [
        (numbers("not any(figure in text for text in texts)"), "is missing"),
        (numbers(THERE.replace("texts)", "passages)")), "is missing"),
        (numbers(THERE, said="sentence"), "you say ['2'"),
        (numbers(THERE.replace("not any", "not all")), "is missing"),
        (numbers("texts and " + THERE), "is missing"),
        (numbers(THERE).replace(r"\d+(?:,\d+)*(?:", r"\d[\d,]*(?:"), "1,200"),
    ],
    "whole": [
        (whole("files", "pass"), "nothing was noticed"),
        (whole('files | {"n": str(len(texts)).encode()}', 'assert int(files["n"]) == len(json.loads(files["texts"]))'),
         "nothing was noticed"),
        (whole(APIECE, APIECE_CHECK), "of another index was taken"),
        (whole('files | {"sum": hashlib.sha256(files["texts"] + files["rows"]).digest()}',
               'assert hashlib.sha256(files["texts"] + files["rows"]).digest() == files["sum"]', "AssertionError"),
         "KeyError"),
        (whole('files | {"n": json.dumps([[len(b), sum(b)] for b in files.values()]).encode()}',
               'assert json.loads(files.pop("n")) == [[len(files[n]), sum(files[n])] for n in ("texts", "rows")]'),
         "of another index was taken"),
        (PICKLED.replace("LOADS", "pickle.loads"), "loads runs what stands in a file"),
        (PICKLED.replace("LOADS", "eval").replace("pickle.dumps(rows)", "repr(rows).encode()"), "eval runs"),
    ],
}  # fmt: skip


def test_an_index_in_numpys_own_format_is_right() -> None:
    assert told("14", "whole", ARRAYS) == ""
