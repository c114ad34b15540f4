"""What needs the real systems says so in one line where one is missing; the simulation and its checks need none."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from companion.simulators.interaction import simulate
from companion.simulators.interaction.systems.libraries import seen
from companion.simulators.interaction.systems.readers_writers import WRITERS
from companion.simulators.interaction.systems.values import VALUES

PACKAGE = "companion.simulators.interaction"
LIBRARIES = ("duckdb", "fastavro", "msgpack", "pandas", "google.protobuf", "pyarrow", "yaml")
HARNESS = ("readers_writers", "matrix", "invalid", "discrepancies")
FREE = (
    "checks.avro", "checks.coherence", "checks.contracts", "checks.prevention", "checks.registry", "checks.semantics",
    "page", "records", "theory",
)  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "module"), [*((name, "libraries") for name in LIBRARIES), *(("yaml", module) for module in HARNESS)]
)
def test_the_harness_names_what_is_missing_and_the_extra_that_brings_it(
    missing: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError) as refused:
        import_module(f"{PACKAGE}.systems.{module}")
    assert str(refused.value) == f"{missing} is not installed: pip install 'companion[simulators]'"
    assert refused.value.__suppress_context__


def without(libraries: tuple[str, ...], code: str) -> str:
    """Give what a new process prints that cannot import the libraries."""
    hidden = f"import sys\nfor name in {libraries!r}:\n    sys.modules[name] = None\n"
    run = subprocess.run([sys.executable, "-c", hidden + code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_simulation_and_its_checks_need_none_of_them() -> None:
    code = f"""
from importlib import import_module
for name in {FREE!r}:
    import_module("{PACKAGE}." + name)
print(import_module("{PACKAGE}").simulate(seed=3).summary)
"""
    assert without(("numpy", "matplotlib", *LIBRARIES), code) == f"{simulate(seed=3).summary}\n"


def test_the_command_needs_none_of_them_but_yaml_which_the_book_s_commands_read() -> None:
    code = "from companion.cli import app\napp(['simulate', 'interaction', '--seed', '3', '--json', '-'])"
    told = without(("numpy", "matplotlib", *(name for name in LIBRARIES if name != "yaml")), code)
    assert json.loads(told)["summary"] == simulate(seed=3).summary


def test_pandas_writes_json_without_a_warning_and_no_other_warning_is_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = WRITERS["json"]["pandas"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write(str(tmp_path / "t.json"), VALUES["naive time"])
    assert (tmp_path / "t.json").read_text("utf-8") == '{"x":1719835200123}\n'
    monkeypatch.setattr("pandas.DataFrame.to_json", lambda *_, **__: warnings.warn("another", stacklevel=1))
    with pytest.warns(UserWarning, match="another"):
        write(str(tmp_path / "t.json"), VALUES["naive time"])


def test_only_what_a_system_raises_counts_as_a_refusal() -> None:
    def mistake() -> Any:
        raise AttributeError("a mistake of ours")

    with pytest.raises(AttributeError):
        seen(mistake)
    assert seen(lambda: int("x")) == "refused: ValueError"
