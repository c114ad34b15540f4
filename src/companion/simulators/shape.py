"""The schema of what `companion simulate NAME --json` writes, made from what each simulator describes of itself.

    python -m companion.simulators.shape

writes it anew, after a parameter or a summary has changed. The schema of metastable says more, by hand, and stays.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from companion.panel.offer import Offer, offered
from companion.parameters import Parameter
from companion.simulators.commands import simulators

SCHEMA = Path(__file__).with_name("schemas") / "simulate.schema.json"
BY_HAND = "metastable"
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string"}


def shape_of(offer: Offer) -> dict[str, Any]:
    """Describe the parameters, the summary and the series of one simulator; a run of its first preset names them."""
    result = offer.simulator.simulate(next(iter(offer.simulator.PRESETS)))
    return {
        "properties": {
            "parameters": _closed({one.name: _parameter(one) for one in offer.parameters}),
            "summary": _closed({name: {"type": ["number", "null"]} for name in result.summary}),
            "series": _closed(
                {name: {"type": "array", "items": {"type": ["number", "string", "null"]}} for name in result.series}
            ),
        }
    }


def schema() -> dict[str, Any]:
    """Give the whole schema."""
    whole: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    names = simulators()
    made = {name: shape_of(offered(f"companion.simulators.{name}")) for name in names if name != BY_HAND}
    whole["anyOf"] = [{"$ref": f"#/$defs/{name}"} for name in names]
    whole["$defs"] = {name: made.get(name) or whole["$defs"][name] for name in names}
    return whole


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
    SCHEMA.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
