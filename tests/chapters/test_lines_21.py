"""Chapter 21: what stands on the page as code is what the package does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.interaction import PRESETS
from companion.simulators.interaction.checks.coherence import TRIES, Service, check
from companion.simulators.interaction.checks.semantics import Bank
from companion.simulators.interaction.records import AMOUNT, BIRTH, CENT, TAX, Item, convert
from companion.simulators.interaction.systems.matrix import run_matrix
from companion.simulators.interaction.systems.readers_writers import READERS, WRITERS
from companion.simulators.interaction.systems.values import VALUES

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "21-interaction.ipynb", 4).cells
}


def run(*names: str, **given: Any) -> dict[str, Any]:
    """Run cells of the chapter one after the other."""
    found = dict(given)
    for name in names:
        exec(CELLS[f"interaction-{name}"], found)
    return found


PAGE = run("check")["contradictions"]


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 5)), min_size=1, max_size=4))
def test_the_lines_of_the_check_find_what_the_package_finds(given: list[tuple[int, int]]) -> None:
    page = list(PAGE([{"name": f"s{n}", "timeout": t, "retries": r} for n, (t, r) in enumerate(given)]))
    chain = [Service(f"s{n}", t, r, idempotent=True) for n, (t, r) in enumerate(given)]
    ours = [problem for problem in check(chain) if problem.rule == "timeout"]
    early = [line for line in page if "waits" in line]
    assert len(ours) == len(early)
    assert all(problem.message.startswith(line) for problem, line in zip(ours, early, strict=True))
    (tries,) = [line for line in page if line not in early] or [""]
    if sum(service.retries > 0 for service in chain) > 1:  # the package lets one service retry as often as it likes
        told = [problem.message for problem in check(chain) if problem.rule == "retries"]
        assert [tries.removeprefix("one request becomes up to ") in message for message in told] == [True] * bool(tries)
    assert TRIES == 10


@pytest.mark.parametrize("kind", ["small integer", "leading zeros", "decimal", "empty and none"])
def test_the_write_read_test_on_the_page_is_a_row_of_the_matrix(kind: str, tmp_path: Path) -> None:
    pass_on = run("write-read")["pass_on"]
    for cell in run_matrix(["csv"], {kind: VALUES[kind]}):
        write, read = WRITERS["csv"][cell.writer], READERS["csv"][cell.reader]
        assert pass_on(VALUES[kind], write, read, str(tmp_path / "t.csv")) == cell.outcome


def test_the_birthdays_and_the_cents_on_the_page_are_the_simulation_s(capsys: Any) -> None:
    page, chosen = run("births"), PRESETS["metadata_mismatch"].settings()
    for day in page["days"][::365]:
        changed = page["stored"](day) is not None and day != page["EPOCH"]
        assert (convert(chosen, BIRTH, Item(day, day, True)) == "changed") is changed
    prices = [number * CENT for number in range(1, 20_000)]
    items = [Item((price * (1 + TAX)).quantize(CENT, "ROUND_HALF_UP"), float(price) * float(1 + TAX), True)
             for price in prices]  # fmt: skip
    outcomes = [[convert(PRESETS[name].settings(), AMOUNT, item) for item in items]
                for name in ("type_confusion", "type_strict")]  # fmt: skip
    page = run("cents")
    assert page["off"] == outcomes[0].count("changed")
    assert page["refused"] == outcomes[1].count("refused")
    assert capsys.readouterr().out


def test_one_transaction_on_the_page_pays_as_often_as_the_bank_whose_one_statement_is_one() -> None:
    bank = Bank(keyed=True)
    for _ in range(2):
        bank.pay("payment 1", 100)
    page = run("readback-run", "atomic")
    assert [page["balance_after"](order, together=True) for order in page["orders"]] == [bank.balance] * 2
    bank.database.close()
