"""Defaults of a reader's own: `[tool.companion]` in the pyproject.toml of the folder that a command is run in.

    [tool.companion.pii.scan]
    fail-on = "HIGH"
    baseline = "pii-baseline.json"

A table is named like the command, a key like the option without its dashes. What the command line says comes first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from companion.errors import CompanionError

MAX_BYTES = 1_000_000


class DefaultsError(CompanionError, ValueError):
    """Defaults that cannot be used; the message names the file and what is wrong."""


def read_defaults(command: Any, folder: Path = Path()) -> dict[str, Any]:
    """Read the defaults for a command and all that are below it, as Typer's `default_map`.

    Parameters
    ----------
    command
        Typer's group of commands; a table or key that it does not know is an error, for it is a typing error.
    folder
        Where to look for a pyproject.toml, and nowhere above: paths in it are relative to where the command is run.
    """
    file = folder / "pyproject.toml"
    try:
        if not file.is_file():
            return {}
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES)
    except OSError as error:
        raise DefaultsError(f"{file}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    if b"companion" not in content:
        return {}
    import tomllib

    try:
        table = tomllib.loads(content.decode("utf-8")).get("tool", {}).get("companion", {})
    except (ValueError, AttributeError, RecursionError) as error:
        raise DefaultsError(f"{file}: not TOML: {error}") from None
    return _of(command, table, f"{file}: [tool.companion", file)


def _of(command: Any, table: Any, place: str, file: Path) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise DefaultsError(f"{place}]: a table was expected")
    # A group is asked for its commands, and gives each when its name comes up: what nobody set is not imported.
    inner = command.list_commands(None) if hasattr(command, "list_commands") else []
    known = inner or {
        option.lstrip("-"): param.name for param in command.params for option in param.opts if option != "--help"
    }
    for name in table:
        if name not in known:
            raise DefaultsError(f"{place}] has `{name}`, which is none of {', '.join(sorted(known))}")
    if inner:
        return {
            name: _of(command.get_command(None, name), value, f"{place}.{name}", file) for name, value in table.items()
        }
    for name, value in table.items():
        if not all(
            isinstance(one, str | bool | int | float) for one in (value if isinstance(value, list) else [value])
        ):
            raise DefaultsError(f"{place}] `{name}`: a text, a number, true, false or a list of them was expected")
    return {known[name]: value for name, value in table.items()}
