"""The API's description as values for one plain page: every operation by topic, and every form it takes or gives.

Made from the very document that `/v1/openapi.json` answers, so the page needs no script, and nothing from elsewhere,
to say the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_REF: Final = "#/components/schemas/"
_BOUNDS: Final = (
    ("format", "{}"),
    ("pattern", "pattern {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minimum", "from {}"),
    ("maximum", "to {}"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
)


@dataclass(frozen=True, slots=True)
class Type:
    """What a value may be, in words; `refs` are the forms of this page that it may have."""

    words: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of an operation, or a member of a form."""

    name: str
    place: str
    required: bool
    type: Type
    says: str


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent or answered: its form, and an example as it travels."""

    status: str
    says: str
    media: str
    type: Type | None
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    says: str
    signs_in: str
    parameters: tuple[Field, ...]
    sent: tuple[Body, ...]
    answers: tuple[Body, ...]
    refusals: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """Operations that belong together."""

    name: str
    says: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """An object, or a list of codes, that bodies are made of."""

    name: str
    says: str
    members: tuple[Field, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """All of it."""

    version: str
    about: str
    topics: tuple[Topic, ...]
    forms: tuple[Form, ...]


def read_reference(document: Mapping[str, Any]) -> Reference:
    """Return a whole description (OpenAPI 3.1) as values, in the order in which it names topics and forms."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for tag in operation.get("tags", ()):
                found[tag].append(_read_operation(document, path, method, operation))
    return Reference(
        version=document["info"]["version"],
        about=document["info"]["description"],
        topics=tuple(Topic(tag["name"], tag["description"], tuple(found[tag["name"]])) for tag in document["tags"]),
        forms=tuple(_read_form(name, schema) for name, schema in document["components"]["schemas"].items()),
    )


def _read_operation(document: Mapping[str, Any], path: str, method: str, said: Mapping[str, Any]) -> Operation:
    answers = [_read_bodies(document, status, answer) for status, answer in said["responses"].items()]
    whole = [body for bodies in answers for body in bodies]
    return Operation(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        says=said.get("description", ""),
        signs_in=", ".join(scheme for one in said.get("security", ()) for scheme in one),
        parameters=tuple(
            Field(
                one["name"],
                one["in"],
                one.get("required", False),
                _read_type(one["schema"]),
                one.get("description", ""),
            )
            for one in said.get("parameters", ())
        ),
        sent=tuple(_read_content("", "", said.get("requestBody", {}))),
        answers=tuple(body for body in whole if body.status < "4"),
        refusals=tuple(body for body in whole if body.status >= "4"),
    )


def _read_bodies(document: Mapping[str, Any], status: str, answer: Mapping[str, Any]) -> list[Body]:
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    says = answer.get("description", "")
    return list(_read_content(status, says, answer)) or [Body(status, says, "", None, "")]


def _read_content(status: str, says: str, said: Mapping[str, Any]) -> Iterator[Body]:
    for media, one in said.get("content", {}).items():
        schema = one.get("schema")
        example = one.get("example")
        shown = "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)
        yield Body(status, says, media, None if not schema else _read_type(schema), shown)


def _read_form(name: str, schema: Mapping[str, Any]) -> Form:
    needed = schema.get("required", ())
    members = tuple(
        Field(member, "", member in needed, _read_type(one), one.get("description", ""))
        for member, one in schema.get("properties", {}).items()
    )
    return Form(name, schema.get("description", ""), members, tuple(str(code) for code in schema.get("enum", ())))


def _read_type(schema: Mapping[str, Any]) -> Type:
    refs: list[str] = []
    words = _describe_type(schema, refs)
    return Type(words, tuple(dict.fromkeys(refs)))


def _describe_type(schema: Mapping[str, Any], refs: list[str]) -> str:
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(_REF)
        refs.append(name)
        return name
    for either in ("anyOf", "oneOf", "allOf"):
        if either in schema:
            return " or ".join(dict.fromkeys(_describe_type(one, refs) for one in schema[either]))
    if "enum" in schema or "const" in schema:
        return "one of " + ", ".join(str(code) for code in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any value")
    bounds = [words.format(schema[name]) for name, words in _BOUNDS if name in schema]
    if kind == "array":
        kind = f"list of {_describe_type(schema.get('items', {}), refs)}"
    elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        kind = f"object with values of {_describe_type(schema['additionalProperties'], refs)}"
    return f"{kind} ({', '.join(bounds)})" if bounds else str(kind)
