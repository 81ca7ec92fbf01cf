"""The published documents: made from the program, complete, and by the rules that the API promises to keep."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from api.cli.running import settings_table
from api.http.app import API_VERSION
from api.http.openapi import operations
from api.published import docs_guide, docs_log, docs_policy, docs_published
from api.published.examples import examples
from register.domain.access.caller import Task
from register.mou import edition
from register.settings import Settings, load
from schemas.access.admission import AuthorisationsIn, OrganisationsIn
from schemas.exchange.partners import PartnersOut, Refused
from schemas.problem import MEDIA_TYPE, Problem
from schemas.search.question import SearchIn
from schemas.signals.out import SignalOut
from schemas.signals.signal import SignalIn
from sync.judgement import HoldCode

PUBLISHED = docs_published.build_published_files()
API = json.loads(PUBLISHED["openapi.json"])
BY_ADDRESS = {f"{method} {path}": operation for path, method, operation in operations(API)}

SINGLE = {
    "taking-back",
    "by-reference",
    "history",
    "protection",
    "sharing",
    "owner",
    "me",
    "withdrawal",
    "acknowledgement",
    "verdict",
    "letting-go",
    "closing",
    "confirmation",
    "approval",
    "signed-approval",
    "asked",
    "approval-withdrawal",
    "consent",
    "signed-consent",
    "consent-withdrawal",
    "end",
    "lifting",
    "latest",
    "report",
    "to-do",
    "log",
    "ledger",
    "freeze",
    "verification",
}
"""Parts of an address that are no collection: one thing of its parent, or a way to find one."""
OUTSIDE = {"/health", "/ready", "/.well-known/rtr-sync"}
"""Addresses that are no part of the versioned API: for operators, and where RFC 8615 puts them."""
WORD = re.compile(r"[a-z]+(-[a-z]+)*")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def values(document: Any, name: str) -> Iterator[Any]:
    """Every value under that name, however deep."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == name:
                yield value
            yield from values(value, name)
    elif isinstance(document, list):
        for value in document:
            yield from values(value, name)


def texts(document: Any) -> Iterator[str]:
    """Every text, however deep."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for value in document.values():
            yield from texts(value)
    elif isinstance(document, list):
        for value in document:
            yield from texts(value)


def resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for; the value itself if it is none."""
    while "$ref" in value:
        here: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            here = here[part]
        value = here
    return value


# --- the files are what the program says ---


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_committed_file_is_what_the_models_say(name: str) -> None:
    """Otherwise: `python -m api.published.docs_published`."""
    committed = (docs_published.FOLDER / name).read_text(encoding="utf-8")
    assert committed == PUBLISHED[name], f"{name} is out of date: run `python -m api.published.docs_published`"


def test_nothing_else_lies_among_the_published_files() -> None:
    assert {file.name for file in docs_published.FOLDER.iterdir()} == set(PUBLISHED)


def test_page_of_the_audit_log_is_what_the_actions_say() -> None:
    """Run `python -m api.published.docs_log` after adding or changing an action."""
    assert docs_log.PAGE.read_text(encoding="utf-8") == docs_log.render()


def test_page_of_who_may_do_what_is_what_the_table_says() -> None:
    """Run `python -m api.published.docs_policy` after adding or changing a use case."""
    assert docs_policy.PAGE.read_text(encoding="utf-8") == docs_policy.render()


def test_making_the_files_again_gives_the_same_bytes() -> None:
    assert docs_published.build_published_files() == PUBLISHED


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_reference_resolves_inside_its_file(name: str) -> None:
    document = json.loads(PUBLISHED[name])
    pointers = {ref for ref in values(document, "$ref") if isinstance(ref, str)}
    assert pointers or name == "statistics.json"
    for pointer in pointers:
        assert resolved(document, {"$ref": pointer})


@pytest.mark.parametrize("topic", sorted(docs_published.TOPICS))
def test_schema_names_its_dialect_and_defines_every_document_of_its_topic(topic: str) -> None:
    schema = json.loads(PUBLISHED[f"{topic}.json"])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    wanted = {model.__name__ for model in docs_published.list_documents(docs_published.TOPICS[topic])}
    assert wanted
    assert wanted <= set(schema["$defs"])


def test_schemas_of_requests_refuse_unknown_fields() -> None:
    for topic in ("signal", "search", "evaluation"):
        definitions = json.loads(PUBLISHED[f"{topic}.json"])["$defs"]
        asked = {name: d for name, d in definitions.items() if name.endswith(("In", "Request"))}
        assert asked
        assert all(d["additionalProperties"] is False for d in asked.values())


@pytest.mark.parametrize(("model", "name"), [(SignalIn, "signal"), (SignalOut, "signal"), (SearchIn, "search")])
def test_example_in_a_schema_is_one_that_its_model_takes(model: type[BaseModel], name: str) -> None:
    shown = json.loads(PUBLISHED[f"{name}.json"])["$defs"][model.__name__]["examples"]
    for example in shown:
        model.model_validate_json(json.dumps(example))


# --- rules of the API (NL GOV API Design Rules 2, and our own) ---


def test_description_is_openapi_3_1_and_names_version_and_licence() -> None:
    assert API["openapi"].startswith("3.1.")
    assert API["info"]["version"] == API_VERSION
    assert API["info"]["license"]["identifier"] == "EUPL-1.2"


@pytest.mark.parametrize("path", sorted(API["paths"]))
def test_address_is_versioned_lower_case_plural_and_without_trailing_slash(path: str) -> None:
    assert not path.endswith("/")
    if path in OUTSIDE:
        return
    prefix = re.match(r"/(sync/|evaluate/)?v1/", path)
    assert prefix is not None
    for part in path[prefix.end() :].split("/"):
        if part.startswith("{"):
            assert re.fullmatch(r"\{[a-z_]+\}", part)
        else:
            assert WORD.fullmatch(part)
            assert part.endswith("s") or part in SINGLE, f"{part}: plural, or listed as one thing of its parent"


def test_operations_are_named_once() -> None:
    names = [operation["operationId"] for _, _, operation in operations(API)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("address", sorted(BY_ADDRESS))
def test_operation_says_in_one_line_what_it_does(address: str) -> None:
    method = address.split(maxsplit=1)[0]
    operation = BY_ADDRESS[address]
    assert 10 <= len(operation["summary"]) <= 120
    assert operation["summary"][0].isupper()
    assert set(operation.get("tags", ())) <= {tag["name"] for tag in API["tags"]}
    assert method in {"get", "post", "patch"}


@pytest.mark.parametrize("address", sorted(BY_ADDRESS))
def test_every_refusal_is_a_problem_document(address: str) -> None:
    path = address.split()[1]
    operation = BY_ADDRESS[address]
    refusals = {s: resolved(API, r) for s, r in operation["responses"].items() if s[0] in "45"}
    if path == "/ready":
        refusals.pop("503")  # the same document says what is missing
    for status, refusal in refusals.items():
        assert list(refusal["content"]) == [MEDIA_TYPE], status
        assert refusal["content"][MEDIA_TYPE]["schema"]["$ref"].endswith("/Problem")
    if path not in OUTSIDE:
        assert {"401", "403"} <= set(refusals)
    if operation.get("parameters") or "requestBody" in operation:
        assert "422" in refusals


@pytest.mark.parametrize("address", sorted(BY_ADDRESS))
def test_every_answer_names_the_version_of_the_api(address: str) -> None:
    operation = BY_ADDRESS[address]
    for response in operation["responses"].values():
        assert "API-Version" in resolved(API, response)["headers"]


@pytest.mark.parametrize("address", sorted(BY_ADDRESS))
def test_every_body_has_an_example(address: str) -> None:
    operation = BY_ADDRESS[address]
    bodies = list(operation.get("requestBody", {}).get("content", {}).values())
    bodies += [
        content
        for status, response in operation["responses"].items()
        if status[0] == "2"
        for kind, content in response.get("content", {}).items()
        if kind == "application/json"
    ]
    assert all(body.get("example") for body in bodies), "give it one in `api/published/examples.py`"


@pytest.mark.parametrize("address", sorted(BY_ADDRESS))
def test_change_of_something_that_is_there_needs_the_version_it_was_made_on(address: str) -> None:
    method, path = address.split()
    operation = BY_ADDRESS[address]
    headers = {p["name"]: p["required"] for p in operation.get("parameters", []) if p["in"] == "header"}
    if path.startswith("/v1/signals/{signal_id}") and method != "get":
        assert headers["if-match"] is True
        assert {"412", "428"} <= set(operation["responses"])
    if (method, path) == ("post", "/v1/signals"):
        assert headers["idempotency-key"] is True


@pytest.mark.parametrize("address", sorted(BY_ADDRESS))
def test_operation_says_who_may_call_it(address: str) -> None:
    path = address.split()[1]
    operation = BY_ADDRESS[address]
    schemes = [name for wanted in operation["security"] for name in wanted]
    expected = [] if path in OUTSIDE else ["bearer"] if path.startswith("/v1/") else ["partner"]
    assert schemes == expected


def test_every_moment_in_an_example_is_utc() -> None:
    moments = [t for one in examples().values() for t in texts([one.request, one.answer]) if MOMENT.match(t)]
    assert moments
    assert all(moment.endswith("Z") for moment in moments)


def test_examples_are_of_operations_that_exist() -> None:
    assert set(examples()) <= {operation["operationId"] for _, _, operation in operations(API)}


def test_node_serves_the_description_as_published_but_for_what_it_does_not_mount() -> None:
    """A country's node that leaves the evaluator to a process of its own describes no evaluator."""
    served = TestClient(docs_published.application_without_a_register()).get("/v1/openapi.json")
    assert served.headers["API-Version"] == API_VERSION
    described = served.json()
    expected = {path: item for path, item in API["paths"].items() if not path.startswith("/evaluate/")}
    assert described["paths"] == expected


def test_answer_to_an_unknown_address_is_a_problem_of_the_published_form() -> None:
    client = TestClient(docs_published.application_without_a_register())
    for path in ("/v1/signal", "/v1/signals/", "/v2/signals"):
        refused = client.get(path, follow_redirects=False)
        assert refused.status_code == 404, path
        assert refused.headers["content-type"] == MEDIA_TYPE
        assert Problem.model_validate_json(refused.content).code == "no-such-route"


# --- the operator's guide ---

GUIDE = docs_guide.PAGE.read_text(encoding="utf-8")


def test_table_of_settings_in_the_guide_is_what_the_settings_say() -> None:
    """Otherwise: `python -m api.published.docs_guide`."""
    assert docs_guide.render_guide(GUIDE) == GUIDE, "run `python -m api.published.docs_guide`"


def leaves(kind: type[Any], prefix: str = "") -> Iterator[str]:
    """Every setting by its dotted name, found by other means than the table's."""
    hints = get_type_hints(kind)
    for one in fields(kind):
        inner, name = hints[one.name], prefix + one.name
        while get_args(inner) and str(inner).startswith("collections.abc.Mapping"):
            key, inner = get_args(inner)
            name += ".<NAME>" if key is str else ".<C>"
        if isinstance(inner, type) and is_dataclass(inner):
            yield from leaves(inner, f"{name}.")
        else:
            yield name


@pytest.mark.parametrize("setting", sorted(leaves(Settings)))
def test_setting_is_in_the_operators_guide(setting: str) -> None:
    row = next((line for line in GUIDE.splitlines() if line.startswith(f"| `{setting}` |")), None)
    assert row is not None
    meaning = row.removesuffix(" |").rpartition("| ")[2]
    assert meaning, f"{setting} has no comment beside it in register/settings.py"


def test_guide_says_of_each_task_what_it_opens() -> None:
    rows = [line for line in GUIDE.splitlines() if line.startswith("| `")]
    assert [task for task in Task if not any(f"`{task}`" in row.split("|")[1] for row in rows)] == []


@pytest.mark.parametrize("sample", re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL))
def test_each_file_that_the_guide_shows_is_taken_as_it_stands(sample: str, tmp_path: Path) -> None:
    said = tomllib.loads(sample)
    if "organisation" in said:
        OrganisationsIn.model_validate(said)
    elif "authorisation" in said:
        AuthorisationsIn.model_validate(said)
    else:
        file = tmp_path / "settings.toml"
        file.write_text(sample, encoding="utf-8")
        load(file, {})


@pytest.fixture(scope="module")
def read_names() -> frozenset[str]:
    """The names that the product reads of any object, but for where the settings are defined."""
    root = docs_guide.PAGE.parents[2]
    sources = (file for part in ("register", "sync", "api") for file in (root / part).rglob("*.py"))
    return frozenset(
        node.attr
        for file in sources
        if file != root / "register" / "settings.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    )


def test_each_setting_of_the_guide_is_read_by_something(read_names: frozenset[str]) -> None:
    """Otherwise somebody sets it and nothing changes."""
    names = {name.removesuffix(".<NAME>").rpartition(".")[2] for name in leaves(Settings)}
    assert names - read_names == set()


def test_guide_that_lost_its_marks_is_not_written_over() -> None:
    with pytest.raises(ValueError, match="marks"):
        docs_guide.render_guide("# Operator's guide\n")


def test_links_of_the_guide_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", GUIDE)
    assert targets
    assert all((docs_guide.PAGE.parent / target).exists() for target in targets)


def test_commands_named_in_the_guide_exist() -> None:
    from api.cli import COMMANDS
    from api.cli.frame.added import with_added

    named = set(re.findall(r"`?rtr ([a-z]+)", GUIDE)) | set(re.findall(r"^rtr ([a-z]+)", GUIDE, re.MULTILINE))
    assert named
    assert named <= set(with_added(COMMANDS))


def test_every_row_of_the_table_has_a_variable() -> None:
    assert all(row["variable"].startswith("RTR_") for row in settings_table.rows())


def test_rules_and_codes_in_examples_are_real() -> None:
    rules = set(edition.load("strict").rules)
    shown = [rule for one in examples().values() for rules_ in values(one.answer, "rules") for rule in rules_]
    assert shown
    assert set(shown) <= rules
    assert {one.rule for one in _refused()} <= rules
    assert {one.code for one in _refused()} <= set(HoldCode)


def _refused() -> list[Refused]:
    found = PartnersOut.model_validate(examples()["partners"].answer)
    return [one for partner in found.partners for one in partner.received.refused]
