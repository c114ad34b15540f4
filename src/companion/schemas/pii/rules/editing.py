"""Adding entries to a rules file as text, so that its comments, order and layout stay as their author left them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from companion.schemas.pii.rules.loading import RulesError

NEW = 'version: "1"\n'
"""What a new file begins with."""


def with_entries(text: str, entries: Mapping[str, Sequence[Sequence[str]]], *, shown: str = "rules.yaml") -> str:
    """Add entries to the lists of a rules file.

    Parameters
    ----------
    text
        The file as it is; empty for a new one.
    entries
        By the key of the list, the entries; each is the lines of a mapping, without indentation.
    shown
        What a complaint calls the file.

    Raises
    ------
    RulesError
        If a list of the file is written in a form that lines cannot be added to.
    """
    for key, added in entries.items():
        text = _with(text or NEW, key, added, shown)
    return text


def _with(text: str, key: str, added: Sequence[Sequence[str]], shown: str) -> str:
    end = "\r" if "\r\n" in text else ""
    lines = text.removesuffix("\n").split("\n")
    lines[-1] = lines[-1].removesuffix("\r") + end  # it may have been cut off before its end
    found = _value(text, key, shown)
    if found is None:
        new, place = [f"{key}:", *_drawn(added, "  ")], len(lines)
    elif not isinstance(found, yaml.SequenceNode) or found.flow_style or not found.value:
        line = found.start_mark.line + 1
        raise RulesError(f"{shown}:{line}: `{key}` must be a list with one entry a line, so that another can be added")
    else:
        new, place = _drawn(added, " " * found.start_mark.column), _last_line(found) + 1
    lines[place:place] = [f"{line}{end}" for line in new]
    return "\n".join(lines) + "\n"


def _value(text: str, key: str, shown: str) -> yaml.Node | None:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise RulesError(f"{shown}: not YAML: {error}".splitlines()[0]) from None
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise RulesError(f"{shown}: must be a mapping with one key a line, so that rules can be added")
    return next((value for name, value in root.value if name.value == key), None)


def _last_line(node: yaml.Node) -> int:
    """The last line of a node's text; a list that is written as lines only ends where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.line
    return end - 1 if node.end_mark.column == 0 and end > node.start_mark.line else end


def _drawn(entries: Sequence[Sequence[str]], indent: str) -> list[str]:
    return [f"{indent}{'- ' if number == 0 else '  '}{line}" for entry in entries for number, line in enumerate(entry)]
