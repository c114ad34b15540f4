"""A number of the text holds when the code's value rounds to it, and a link must say that number."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import papermill
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion import claims
from companion.claims import MIME, Claim, ClaimError, agrees, claim, claims_in

DISPLAY = claims._display


@pytest.fixture(autouse=True)
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Claim]:
    """Collect what is displayed, as if nobody sat at a notebook."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("COMPANION_MEASURE", raising=False)
    shown: list[Claim] = []
    monkeypatch.setattr(claims, "_display", shown.append)
    return shown


@pytest.mark.parametrize(
    ("said", "value", "holds"),
    [
        (280, 280.4, True),
        (280, 280.6, False),
        (280, 279.5, True),  # a value in the middle rounds both ways
        (280, 280.5, True),
        (0, 0.49, True),
        (0, 0.51, False),
        (-3, -3.2, True),
        (0.07, 0.0749, True),
        (0.07, 0.0751, False),
        ("2.0", 2.04, True),
        ("2.0", 2.06, False),
        ("2", 2.06, True),
        ("1.7e4", 17_499, True),
        ("1.7e4", 17_501, False),
        ("17000", 17_001, False),
        ("1E3", 1_400, True),
        (4_294_967_295, 2**32 - 1, True),
        (4_294_967_295, 2**32 - 2, False),
        (1_234_567, 1_234_567.4, True),
        ("collapse", "collapse", True),
        ("collapse", "recovers", False),
        ("never", 12.5, False),
        (12, None, False),
        ("none", None, True),
        (12, math.inf, False),
        (12, math.nan, False),
    ],
)
def test_a_claim_holds_when_the_value_rounds_to_what_is_said(said: Any, value: Any, holds: bool) -> None:
    if holds:
        claim("a-number", said, value)
    else:
        with pytest.raises(ClaimError):
            claim("a-number", said, value)


@given(value=st.floats(-1e12, 1e12, allow_subnormal=False), digits=st.integers(1, 7))
def test_what_is_rounded_from_the_value_holds(value: float, digits: int) -> None:
    said = f"{value:.{digits}g}"
    assert Claim("rounded", said, claims._plain(value)).holds


@given(value=st.floats(-1e12, 1e12, allow_subnormal=False), digits=st.integers(1, 6), up=st.booleans())
def test_a_number_one_off_in_its_last_digit_does_not_hold(value: float, digits: int, up: bool) -> None:
    said = Decimal(f"{value:.{digits}g}")
    unit = Decimal(1).scaleb(int(said.as_tuple().exponent))
    off = said + (2 * unit if up else -2 * unit)
    assert not Claim("off", f"{off:e}" if int(off.as_tuple().exponent) > 0 else str(off), claims._plain(value)).holds


def test_the_error_says_both_numbers_and_the_name() -> None:
    with pytest.raises(ClaimError, match=r"claim 'goodput': the text says 70, this run gives 12.5"):
        claim("goodput", 70, 12.49999999999)


@pytest.mark.parametrize("name", ["Goodput", "good put", "goodput_per_s", "", "-a", "a--b"])
def test_a_name_is_lower_case_words_joined_by_hyphens(name: str) -> None:
    with pytest.raises(ValueError, match="use lower-case words joined by hyphens"):
        claim(name, 1, 1)


def test_a_drift_is_no_error_while_a_person_or_a_measurement_changes_things(
    monkeypatch: pytest.MonkeyPatch, displayed: list[Claim]
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "chapters/18-metastable.ipynb")
    claim("goodput", 70, 12.5)
    monkeypatch.delenv("JPY_SESSION_NAME")
    monkeypatch.setenv("COMPANION_MEASURE", "record")
    claim("goodput", 70, math.inf)
    assert [made.value for made in displayed] == [12.5, "inf"]
    assert not any(made.holds for made in displayed)


@pytest.mark.parametrize(
    ("text", "said", "agree"),
    [
        ("280 attempts a second", "280", True),
        ("290 attempts a second", "280", False),
        ("280, and no more", "280", True),
        ("17,000 callers", "1.7e4", True),
        ("17\u202f000 callers", "17000", True),
        ("18,000 callers", "1.7e4", False),
        ("1.7e4", "17000", True),
        ("2.0 times", "2", True),
        ("a loss of −3 %", "-3", True),
        ("3 %", "-3", False),
        ("not one request", "0", True),
        ("not one request", "1", False),  # the word in it does not count
        ("one request", "1", True),
        ("one request", "0", False),
        ("nobody", "0", True),
        ("twice", "2", True),
        ("a hundred times a second", "100", True),
        ("half of them", "0.5", True),
        ("someone", "1", False),
        ("P99 of 3 s", "99", False),
        ("three of 10", "3", False),  # digits, where there are any, decide
        ("hardly any", "280", False),
        ("It collapses", "collapse", True),
        ("It recovers", "collapse", False),
        ("it\u00a0soon\u00a0collapses", "soon collapses", True),
    ],
)
def test_a_link_must_say_the_number_of_its_claim(text: str, said: str, agree: bool) -> None:
    assert agrees(text, said) is agree


@given(number=st.integers(0, 10**9))
def test_a_number_with_commas_is_that_number(number: int) -> None:
    assert agrees(f"about {number:,} a second", str(number))
    assert not agrees(f"about {number:,} a second", str(number + 1))


def test_outputs_that_hold_no_claim_are_passed_over() -> None:
    assert claims_in([{"output_type": "stream", "text": "280"}, {"output_type": "display_data", "data": {}}]) == []


def test_what_is_shown_of_a_claim_is_its_text_and_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(claims, "_display", DISPLAY)
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw=False: shown.append((bundle, raw)))
    monkeypatch.setenv("COMPANION_MEASURE", "record")  # where a drift is told
    claim("holds", "1.1e1", 11.25)
    claim("drifts", 12, 11.25)
    assert shown == [
        ({"text/plain": "holds: 11", MIME: {"name": "holds", "said": "1.1e1", "value": 11.25}}, True),
        ({"text/plain": "drifts: the text says 12, here it is 11.25",
          MIME: {"name": "drifts", "said": "12", "value": 11.25}}, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"In": ["", "# Parameters\nseed = 7\n"]}, True),
        ({"In": ["", "seed = 11  # Parameters\n", "# Parameters of the run"]}, False),
        ({"In": []}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_drift_is_told_and_no_error_only_where_papermill_put_parameters_in(
    displayed: list[Claim], monkeypatch: pytest.MonkeyPatch, typed: dict[str, Any] | None, told: bool
) -> None:
    shell = None if typed is None else SimpleNamespace(user_ns=typed)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("COMPANION_MEASURE", raising=False)
    if told:
        claim("drifts", 12, 11)
        assert [made.value for made in displayed] == [11]
    else:
        with pytest.raises(ClaimError, match="the text says 12, this run gives 11"):
            claim("drifts", 12, 11)
        assert displayed == []


CLAIMS = "claim('holds', 11, seed)\nclaim('near', 11, seed + 0.25)\nclaim('endless', 11, seed if seed == 11 else None)"


def run(tmp_path: Path, last: str = CLAIMS, **parameters: Any) -> Any:
    """Give the outputs of the last cell of a notebook that papermill executed."""
    cells = [nbformat.v4.new_code_cell(source) for source in ("from companion.claims import claim", "seed = 11", last)]
    cells[1].metadata["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    path = tmp_path / "notebook.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return papermill.execute_notebook(path, None, parameters=parameters, progress_bar=False).cells[-1].outputs


def test_in_a_kernel_a_claim_is_text_and_can_be_read_back(tmp_path: Path) -> None:
    outputs = run(tmp_path)
    assert [output["data"]["text/plain"] for output in outputs] == ["holds: 11", "near: 11", "endless: 11"]
    assert claims_in(outputs) == [Claim("holds", "11", 11), Claim("near", "11", 11.25), Claim("endless", "11", 11)]


def test_with_other_parameters_a_claim_says_what_the_number_has_become(tmp_path: Path) -> None:
    outputs = run(tmp_path, seed=7)
    assert [output["data"]["text/plain"] for output in outputs] == [
        "holds: the text says 11, here it is 7",
        "near: the text says 11, here it is 7.25",
        "endless: the text says 11, here it is none",
    ]
    assert outputs[2]["data"][MIME] == {"name": "endless", "said": "11", "value": "none"}


def test_in_a_kernel_a_drift_fails_at_the_committed_parameters(tmp_path: Path) -> None:
    with pytest.raises(papermill.PapermillExecutionError, match="the text says 12, this run gives 11"):
        run(tmp_path, "claim('drifts', 12, seed)")
