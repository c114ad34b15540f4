"""The JSON Schema of what `companion simulate NAME --json` writes, made from what a simulator describes of itself.

    python -m companion.simulators.shape

writes ``simulate.schema.json`` anew beside each simulator, after a parameter, a summary or a series has changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from companion.files import replace_file
from companion.panel.offer import Offer, offered
from companion.parameters import Parameter
from companion.simulators.commands import simulators

KINDS = {bool: "boolean", int: "integer", float: "number", str: "string"}


def schema_file(name: str) -> Path:
    """Say where the schema of a simulator lies."""
    return Path(__file__).parent / name / "simulate.schema.json"


def schema_of(offer: Offer) -> dict[str, Any]:
    """Describe the parameters, the summary and the series of one simulator; a run of its first preset names them."""
    result = offer.simulator.simulate(next(iter(offer.simulator.PRESETS)))
    told = {key: f"{label[:1].upper()}{label[1:]}" + (f" ({unit})." if unit else ".")
            for key, label, unit in offer.page.ROWS}  # fmt: skip
    summary = {
        name: {"type": ["number", "null"], **({"description": told[name]} if name in told else {})}
        for name in result.summary
    }
    series = {name: {"type": "array", "items": {"type": ["number", "string", "null"]}} for name in result.series}
    whole = {
        "parameters": _closed({one.name: _parameter(one) for one in offer.parameters}),
        "summary": _closed(summary),
        "series": _closed(series),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"companion simulate {offer.page.COMMAND} --json",
        "description": f"Parameters as they were used, a summary, and series. {offer.page.CAPTION}.",
        **_closed(whole),
    }


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    kind = KINDS[one.kind]
    found: dict[str, Any] = {"type": [kind, "null"] if one.optional else kind}
    if one.choices:
        found["enum"] = list(one.choices)
    for name, bound in (("minimum", one.minimum), ("maximum", one.maximum)):
        if bound is not None:
            found[name] = bound
    return {**found, "description": one.help + (f" Unit: {one.unit}." if one.unit else "")}


if __name__ == "__main__":
    for name in simulators():
        schema = schema_of(offered(f"companion.simulators.{name}"))
        replace_file(schema_file(name), json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
