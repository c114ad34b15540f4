"""Measurements: what depends on the machine is measured by a function, and recorded.

``measure("wire.calls_per_second", function)`` gives the record that lies in data/measurements, so that pages repeat and
say where and when a figure was taken. It measures anew when the chapter's parameter `live` is true, or under
``make measure``. A record is stale once the function, or a module of the package that it reaches, has changed.
"""

from __future__ import annotations

import inspect
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import CodeType

from companion.files import replace_file
from companion.import_graph import PACKAGE, digest, imported, modules_reached, parse_cells

MIME = "application/vnd.companion.measurement+json"
"""The media type under which a measurement stands among a cell's outputs."""

FOLDER = PACKAGE.parents[1] / "data" / "measurements"
"""Where the repository keeps the records; for where else they may lie, see `records_folder`."""

Measured = Callable[[], Mapping[str, float]]


@dataclass(frozen=True)
class Measurement:
    """What a function measured, where and when.

    Attributes
    ----------
    name : str
        A dotted name, also the name of the file.
    figures : dict of str to float
        The median of each figure over the runs.
    spread : dict of str to list of float
        The lowest and the highest run of each figure.
    runs : int
        How often the function was called.
    machine, versions, date : dict, dict and str
        Processor, cores and system; Python and the libraries that the measured code uses; the day (UTC).
    source : str
        A key of the function and of the modules that it reaches, by which a stale record is told.
    recorded : bool
        False when this is a fresh measurement that nobody has recorded.
    """

    name: str
    figures: dict[str, float]
    spread: dict[str, list[float]]
    runs: int
    machine: dict[str, str]
    versions: dict[str, str]
    date: str
    source: str
    recorded: bool = field(default=True, compare=False)

    def __getitem__(self, figure: str) -> float:
        return self.figures[figure]

    @property
    def place(self) -> str:
        """Where and when, in one line for the page."""
        machine = f"{self.machine['cores']} cores of {self.machine['processor']}"
        return f"{self.date}, {machine}, Python {self.versions['python']}"


def measure(
    name: str,
    function: Measured,
    *,
    live: bool = False,
    runs: int = 5,
    libraries: tuple[str, ...] = (),
    record: bool = False,
) -> Measurement:
    """Give the recorded measurement of that name, or take a new one.

    Parameters
    ----------
    name : str
        Such as ``wire.calls_per_second``.
    function : callable
        Takes nothing and returns figures by name.
    live : bool
        Measure now and leave the record alone.
    runs : int
        How often to call the function; figures are medians.
    libraries : tuple of str
        Distributions whose versions belong to the record.
    record : bool
        Measure now and keep the record, as ``make measure`` does.

    Returns
    -------
    Measurement
        Also displayed: where and when it was taken, and whether it is recorded, fresh or stale.
    """
    source = source_key(function)
    file = records_folder() / f"{name}.json"
    record_anew = record or os.environ.get("COMPANION_MEASURE") == "record"
    if file.is_file() and not live and not record_anew:
        found = Measurement(**json.loads(file.read_text("utf-8")))
        _display(found, "recorded" if found.source == source else "stale")
        return found
    found = _take(name, function, source, runs, libraries, recorded=record_anew)
    if record_anew:
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = {key: value for key, value in asdict(found).items() if key != "recorded"}
        replace_file(file, json.dumps(kept, indent=1, sort_keys=True) + "\n")
    _display(found, "recorded" if record_anew else "measured now" if live else "not recorded")
    return found


def source_key(function: Measured) -> str:
    """Hash a function's source together with the modules of the package that it reaches."""
    home = inspect.unwrap(function)
    text = inspect.getsource(home)
    names = {home.__module__}
    for tree in parse_cells([inspect.cleandoc("\n" + text) if text[:1].isspace() else text]):
        names |= imported(tree)
    for used in _names_used(home.__code__):  # a function written in a notebook uses names that another cell imported
        value = home.__globals__.get(used)
        names.add(getattr(value, "__module__", None) or getattr(value, "__name__", "") or "")
    reached = modules_reached(names - {__name__})
    return digest(text, *(file for name, file in reached.items() if name != "companion"))  # which tells the version


def _names_used(code: CodeType) -> set[str]:
    """List the names that a function looks up, those in its comprehensions and inner functions too."""
    inner = (_names_used(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*inner)


def _take(
    name: str, function: Measured, source: str, runs: int, libraries: tuple[str, ...], *, recorded: bool
) -> Measurement:
    taken = [function() for _ in range(runs)]
    rounded = {key: [float(f"{run[key]:.6g}") for run in taken] for key in taken[0]}
    return Measurement(
        name=name,
        figures={key: float(f"{statistics.median(values):.6g}") for key, values in rounded.items()},
        spread={key: [min(values), max(values)] for key, values in rounded.items()},
        runs=runs,
        machine={"processor": _processor(), "cores": str(os.cpu_count()), "system": platform.system()},
        versions={"python": platform.python_version(), **{lib: metadata.version(lib) for lib in libraries}},
        date=datetime.now(UTC).date().isoformat(),
        source=source,
        recorded=recorded,
    )


def _processor() -> str:
    """The processor's model where Linux tells it, else its architecture."""
    info = Path("/proc/cpuinfo")
    if sys.platform == "linux" and info.is_file():
        for line in info.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def records_folder() -> Path:
    """Find where the records lie.

    Returns
    -------
    Path
        The folder that `COMPANION_MEASUREMENTS` names; else that of the repository, when the package runs from one;
        else ``data/measurements`` in the working directory or the nearest folder above that has it, which is where a
        chapter taken home carries its records.
    """
    named = os.environ.get("COMPANION_MEASUREMENTS")
    if named:
        return Path(named)
    if FOLDER.is_dir() or PACKAGE.parent.name == "src":
        return FOLDER
    here = Path.cwd()
    folders = [folder / "data" / "measurements" for folder in (here, *here.parents)]
    return next((folder for folder in folders if folder.is_dir()), folders[0])


def _display(found: Measurement, state: str) -> None:
    """Show where and when; the state goes into the output's metadata, so that a stale record changes no text."""
    from IPython.display import display

    where = {"measured now": "measured now", "not recorded": "measured now, not recorded"}.get(state, found.place)
    bundle = {"text/plain": f"{found.name}: {where}", MIME: {"name": found.name, "place": where}}
    display(bundle, raw=True, metadata={MIME: {"state": state}})


__all__ = ["FOLDER", "MIME", "Measurement", "measure", "records_folder", "source_key"]
