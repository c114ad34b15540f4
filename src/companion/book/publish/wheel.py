"""The package as a wheel: what a page's Python runs, and what a reader takes home, is what the chapters ran."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from companion.import_graph import PACKAGE
from companion.notebooks import BookError

EPOCH = "1577836800"  # 2020-01-01; a wheel with today's date would differ from the one of yesterday


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this package into a folder; the same sources give the same bytes.

    Raises
    ------
    BookError
        If the package runs from an installation without its pyproject.toml.
    """
    root = PACKAGE.parents[1]
    if not (root / "pyproject.toml").is_file():
        raise BookError(f"{root}: no pyproject.toml; build the book from its repository")
    from hatchling.builders.wheel import WheelBuilder

    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = EPOCH
    try:
        with tempfile.TemporaryDirectory() as scratch:
            (built,) = WheelBuilder(str(root)).build(directory=scratch, versions=["standard"])
            folder.mkdir(parents=True, exist_ok=True)
            return Path(shutil.move(built, folder / Path(built).name))
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
