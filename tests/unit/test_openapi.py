"""The OpenAPI document is valid, whole, and says what the code says."""

import json
from itertools import chain
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared import errors
from shared.answers import PROBLEM_PREFIX
from shared.errors import EbbError
from shared.openapi import OPERATIONS, document
from shared.openapi.page import FILES, FOLDER
from shared.openapi.problems import NOT_FOR_CLIENTS
from shared.parsing import parse
from shared.paths import METHODS

DOCUMENT = document()
IDS = [operation.id for operation in OPERATIONS]
EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)


def described(operation_id: str) -> dict[str, Any]:
    every = chain.from_iterable(path.values() for path in DOCUMENT["paths"].values())
    return next(one for one in every if one["operationId"] == operation_id)


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert "3.1.0" == DOCUMENT["openapi"]


def test_it_describes_every_public_path_with_all_its_methods_and_nothing_else() -> None:
    assert dict(METHODS) == {
        path: tuple(method for method in METHODS[path] if method.lower() in operations)
        for path, operations in DOCUMENT["paths"].items()
    }
    assert sorted(chain.from_iterable(METHODS.values())) == sorted(operation.method for operation in OPERATIONS)


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len(IDS) == len(set(IDS))


def test_every_kind_of_problem_is_described_under_its_type() -> None:
    kinds = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, EbbError)}
    told = {kind.slug for kind in kinds - {*NOT_FOR_CLIENTS}}
    schemas = DOCUMENT["components"]["schemas"].values()
    types = {schema["properties"]["type"].get("const") for schema in schemas if "type" in schema.get("properties", {})}
    assert {PROBLEM_PREFIX + slug for slug in told} == types - {None}


@EACH
def test_every_link_leads_to_an_operation_and_a_parameter_of_it(operation: Any) -> None:
    for reply in operation.replies.values():
        for link in reply.links.values():
            names = {parameter["name"] for parameter in described(link.operation)["parameters"]}
            assert set() == link.parameters.keys() - names


@EACH
def test_an_operation_asks_for_a_token_unless_it_needs_none(operation: Any) -> None:
    told = described(operation.id)
    assert (operation.scope is None) == (told.get("security") == [])
    assert (operation.scope is not None) == ("401" in told["responses"])


@EACH
def test_the_examples_of_a_body_are_what_its_model_takes(operation: Any) -> None:
    for example in operation.examples.values():
        parse(operation.body, json.dumps(example).encode())


@EACH
def test_an_operation_that_makes_something_links_to_it(operation: Any) -> None:
    if 201 in operation.replies:
        assert operation.replies[201].links
        assert "Location" in operation.replies[201].headers


def test_every_file_of_the_page_is_there_under_its_name_or_compressed() -> None:
    assert [] == [name for name in FILES if not (FOLDER / name).exists() and not (FOLDER / f"{name}.gz").exists()]


def test_the_page_names_its_own_files_and_no_other_host() -> None:
    page = (FOLDER / "index.html").read_text()
    assert {f"/docs/{name}" for name in FILES} == {part for part in page.split('"') if part.startswith("/docs/")}
    assert "//" not in page.replace("<!doctype", "")
    assert "<script>" not in page
