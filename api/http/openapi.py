"""The API's description (OpenAPI 3.1), as it is served at /v1/openapi.json and committed in `schemas/published`.

The framework knows forms and addresses; added here is what it cannot know: who signs in where, that every refusal is
a problem document, the headers that every answer carries, and an example of every body. Nothing here changes what a
route does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI

from api.published.examples import Example, examples, problem
from schemas.problem import MEDIA_TYPE, Problem

JSON: Final = "application/json"
_ABOUT: Final = (
    "A register of signals on human trafficking and migrant smuggling, shared by five partners of the Kingdom. "
    "Times are UTC (RFC 3339, `Z`); dates are `YYYY-MM-DD`; ids are UUIDv7. Lists answer `{items, next}` and name the "
    "next page in `Link`. Every refusal is a problem document (RFC 9457) whose `code` is stable. Fields may be added "
    "to answers; requests with unknown fields are refused."
)
_TAGS: Final = {
    "signals": "Submit, read and change signals of the own country.",
    "records": "The records behind the figures: intakes, the victim ladder, trainings, answers to referrals.",
    "search": "Ask across the countries, and what was found.",
    "requests": "Draft a request for the content of what was found.",
    "statistics": "Exact figures of the own register, for its own statisticians, and what countries contribute.",
    "releases": "Regional releases: drafted, attacked, approved by two, frozen, verified.",
    "exchange": "How the exchange stands, and what the nodes of partners call (RTR Sync 1).",
    "evaluator": "What the nodes of partners ask this country's key share to compute.",
    "privacy": "How is asked, for the privacy officer: what rang, and searches that were drawn by lot.",
    "to-do": "What waits for the caller, his organisation, or whoever holds his tasks.",
    "me": "Whom the register takes the caller for.",
    "operation": "Is it alive, is it ready.",
}
_SCHEMES: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the country's own identity provider.",
    },
    "partner": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`RTR` and a JWT with which a partner's node signs exactly this one request.",
    },
}
_SIGNS_IN: Final = (("/v1/", "bearer"), ("/sync/", "partner"), ("/evaluate/", "partner"))
_VERSION_HEADER: Final = {
    "description": "Version of the API that answered.",
    "required": True,
    "schema": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
    "example": "1.0.0",
}
_NEEDED_HEADERS: Final = frozenset({"idempotency-key", "if-match", "rtr-purpose", "rtr-legal-basis", "rtr-case"})
"""Routes read them as optional only to say in their own words what is missing."""
_STATUSES: Final = {
    "400": "The request cannot be read.",
    "401": "Nobody is signed in, or the token or signature does not hold.",
    "403": "The caller has no authorisation for this, or a rule forbids it.",
    "404": "There is none that the caller may know of.",
    "408": "The body did not arrive in time.",
    "409": "It contradicts what is there already; `code` says what.",
    "412": "It changed since the version named in `If-Match`.",
    "413": "The body is too large.",
    "422": "A place of the request is not valid; `errors` names it and the allowed values, never what was sent.",
    "428": "A change needs `If-Match`.",
    "429": "A quota is used up; `Retry-After` says when to come again.",
    "431": "The headers are too large.",
    "503": "The node cannot do its work now, or has no place for more of it: `Retry-After` says when to come back.",
}
_ETAG: Final = ("ETag", "The version, to send back as `If-Match` with a change.")
_HEADERS_OF_MODELS: Final = {
    **dict.fromkeys(("SignalOut", "IntakeOut", "VictimOut", "TrainingOut", "ReferralDetail", "RequestOut"), _ETAG),
    "Page": ("Link", 'Address of the next page, with `rel="next"`; absent on the last one.'),
}


class DescribedApi(FastAPI):
    """A FastAPI that describes itself wholly; operations are named by their functions."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(generate_unique_id_function=lambda route: route.name, **settings)

    def openapi(self) -> dict[str, Any]:
        """Return the description; made once."""
        if not self.openapi_schema:
            self.openapi_schema = describe(super().openapi())
        return self.openapi_schema


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """Complete the framework's description, in place.

    A body without an example in `api.published.examples` has none here.
    """
    document["info"]["description"] = _ABOUT
    document["info"]["license"] = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    used = set()
    for path, method, operation in operations(document):
        used.update(operation.get("tags", []))
        _hoist_definitions(operation, schemas)
        _add_summary(operation)
        _describe_headers(operation)
        security = next((scheme for begin, scheme in _SIGNS_IN if path.startswith(begin)), None)
        operation["security"] = [{security: []}] if security else []
        _add_receipt(path, method, operation)
        _add_examples(operation, examples().get(operation["operationId"], Example()))
        _add_refusals(path, method, operation, security)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= _of_problem()
    components["securitySchemes"] = dict(_SCHEMES)
    components["headers"] = {"API-Version": dict(_VERSION_HEADER)}
    components["responses"] = {f"Problem{status}": _describe_refusal(words) for status, words in _STATUSES.items()}
    document["tags"] = [{"name": name, "description": words} for name, words in _TAGS.items() if name in used]
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of a description: path, method, and the operation itself."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _add_summary(operation: dict[str, Any]) -> None:
    """The first sentence of a route's docstring; the framework would take the name of its function."""
    words = " ".join(operation.pop("description", operation["summary"]).split())
    first, _, rest = words.partition(". ")
    operation["summary"] = first.removesuffix(".")
    if rest:
        operation["description"] = words


def _describe_headers(operation: dict[str, Any]) -> None:
    parameters = [p for p in operation.get("parameters", []) if p["name"] != "authorization"]
    for parameter in parameters:
        if parameter["in"] == "header" and parameter["name"] in _NEEDED_HEADERS:
            parameter["required"] = True
            kinds = parameter["schema"].pop("anyOf", [])
            parameter["schema"] |= next((kind for kind in kinds if kind != {"type": "null"}), {})
    if parameters:
        operation["parameters"] = parameters
    else:
        operation.pop("parameters", None)


def _hoist_definitions(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Definitions inside a body's own schema move to the components, where references look for them."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        inner = content["schema"].pop("$defs", {})
        if inner:
            schemas |= {name: _rewrite_references(definition) for name, definition in inner.items()}
            content["schema"] = _rewrite_references(content["schema"])


def _rewrite_references(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: part.replace("#/$defs/", "#/components/schemas/") if name == "$ref" else _rewrite_references(part)
            for name, part in value.items()
        }
    return [_rewrite_references(part) for part in value] if isinstance(value, list) else value


def _add_receipt(path: str, method: str, operation: dict[str, Any]) -> None:
    """The one body that is no JSON: the framework does not see that the route reads it."""
    if (method, path) == ("post", "/sync/v1/receipts"):
        jws = {"type": "string", "description": "A compact JWS whose payload is a receipt."}
        operation["requestBody"] = {"required": True, "content": {"application/jose": {"schema": jws}}}


def _add_examples(operation: dict[str, Any], example: Example) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if example.request is not None:
            content["example"] = example.request
    for status, response in operation["responses"].items():
        response.setdefault("headers", {})["API-Version"] = {"$ref": "#/components/headers/API-Version"}
        content = response.get("content", {}).get(JSON)
        if status.startswith("2") and content is not None:
            if example.answer is not None:
                content["example"] = example.answer
            _add_header(response, content.get("schema", {}).get("$ref", "").rpartition("/")[2])
        if status == "201":
            where = {"description": "Where it can be read.", "schema": {"type": "string"}}
            response["headers"]["Location"] = where


def _add_header(response: dict[str, Any], model: str) -> None:
    named = _HEADERS_OF_MODELS.get("Page" if model.startswith("Page_") else model)
    if named is not None:
        response["headers"][named[0]] = {"description": named[1], "schema": {"type": "string"}}


def _add_refusals(path: str, method: str, operation: dict[str, Any], security: str | None) -> None:
    changes = any(p["name"] == "if-match" for p in operation.get("parameters", []))
    statuses = {"431"} if path == "/health" else {"431", "503"}
    if security:
        statuses |= {"401", "403"}
    if operation.get("parameters") or "requestBody" in operation:
        statuses |= {"400", "422"}
    if "requestBody" in operation:
        statuses |= {"408", "409", "413"}
    if "{" in path or changes:
        statuses |= {"404"}
    if changes:
        statuses |= {"412", "428"}
    if security == "partner":
        statuses |= {"409", "429"}
    if method == "post" and path == "/v1/searches":
        statuses |= {"429"}
    if path == "/ready":
        # Not a refusal: the same document says what is missing.
        operation["responses"]["503"] = {**operation["responses"]["200"], "description": "Not ready; `parts` says why."}
        statuses.discard("503")
    operation["responses"].pop("422", None)
    operation["responses"] |= {s: {"$ref": f"#/components/responses/Problem{s}"} for s in sorted(statuses)}


def _describe_refusal(words: str) -> dict[str, Any]:
    return {
        "description": words,
        "headers": {"API-Version": {"$ref": "#/components/headers/API-Version"}},
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": dict(problem())}},
    }


def _of_problem() -> dict[str, Any]:
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**made.pop("$defs"), "Problem": made}
