"""The part of OpenAPI as models."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from companion.calls.contracts.idl.contracts import contracts
from companion.calls.contracts.idl.openapi import Document


def document() -> Any:
    return json.loads(contracts()["OpenAPI"])


def test_the_contract_has_three_calls() -> None:
    paths = Document.model_validate(document()).paths
    asked = [path.post or path.get for path in paths.values()]
    assert [one.operation_id for one in asked if one] == ["addCustomer", "getCustomer"]
    assert paths["/customers"].get


@pytest.mark.parametrize(
    "where", ["", "info", "paths./customers", "paths./customers.post", "paths./customers.post.requestBody"]
)
def test_a_field_that_the_specification_does_not_name_is_refused(where: str) -> None:
    made = document()
    part = made
    for key in filter(None, where.split(".")):
        part = part[key]
    part["stream"] = True
    with pytest.raises(ValidationError, match="stream"):
        Document.model_validate(made)


@pytest.mark.parametrize("missing", ["openapi", "info", "paths"])
def test_what_the_specification_demands_is_demanded(missing: str) -> None:
    made = document()
    del made[missing]
    with pytest.raises(ValidationError, match=missing):
        Document.model_validate(made)


@pytest.mark.parametrize("status", ["20", "600", "ok", "2xx", "200 "])
def test_a_status_is_a_number_a_class_or_default(status: str) -> None:
    made = document()
    made["paths"]["/customers"]["get"]["responses"] = {status: {"description": "?"}}
    with pytest.raises(ValidationError):
        Document.model_validate(made)
