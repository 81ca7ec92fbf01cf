"""The operators' table of settings, made from the settings themselves.

Name, variable, default, and the comment beside each in `register/settings.py`: the table cannot say anything else
than the program.
"""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_args, get_type_hints

from register import settings as home
from schemas.codes import Partition

_OPENING = """# Settings

Made by `rtr config table`; do not edit. A setting comes from the TOML file that `--config` or `RTR_CONFIG` names, or
from the variable beside it, which goes before the file; a variable gives a list joined by commas. `<C>` stands for a
country: AW, BQ, CW, NL or SX.

| setting | variable | kind | default | meaning |
|---|---|---|---|---|
"""


def markdown() -> str:
    """The page."""
    lines = (
        f"| `{row['setting']}` | `{row['variable']}` | {_write_cell(row['kind'])} "
        f"| {_write_cell(row['default'], code=True)} "
        f"| {_write_cell(row['meaning'])} |\n"
        for row in rows()
    )
    return _OPENING + "".join(lines)


def rows() -> list[dict[str, str]]:
    """One row a setting, in the order of the settings."""
    return list(_list_rows(home.Settings, ""))


def _list_rows(kind: type[Any], prefix: str) -> Iterator[dict[str, str]]:
    types, meanings = get_type_hints(kind), _read_comments(kind)
    for one in fields(kind):
        name, inner, kind_of = prefix + one.name, types[one.name], str(one.type)
        while getattr(inner, "__origin__", None) is Mapping:  # a table a country, or a figure a name
            key, inner = get_args(inner)
            name, kind_of = name + (".<C>" if key is Partition else ".<NAME>"), inner.__name__
        if is_dataclass(inner) and isinstance(inner, type):
            yield from _list_rows(inner, f"{name}.")
        else:
            variable = "RTR_" + name.upper().replace(".", "__")
            yield {
                "setting": name,
                "variable": variable,
                "kind": _name_kind(kind_of),
                "default": _write_default(one),
                "meaning": meanings.get(one.name, ""),
            }


def _name_kind(annotation: str) -> str:
    words = {
        "str": "text",
        "int": "whole number",
        "float": "number",
        "Path": "path",
        "bool": "true or false",
    }
    if annotation.startswith("tuple["):
        member = annotation.removeprefix("tuple[").removesuffix(", ...]")
        return f"list of {'countries' if member == 'Partition' else _name_kind(member)}"
    if annotation.startswith("Literal["):
        return (
            annotation.removeprefix("Literal[")
            .removesuffix("]")
            .replace("'", "")
            .replace('"', "")
            .replace(", ", " or ")
        )
    return words.get(annotation, annotation)


def _write_default(one: Field[Any]) -> str:
    if one.default is MISSING:
        return ""
    if isinstance(one.default, tuple):
        return ",".join(str(value) for value in one.default)
    return str(one.default).lower() if isinstance(one.default, bool) else str(one.default)


def _read_comments(kind: type[Any]) -> Mapping[str, str]:
    """What stands beside each field in the source."""
    source = inspect.getsource(kind)
    beside = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    definition = ast.parse(source).body[0]
    if not isinstance(definition, ast.ClassDef):
        raise TypeError(f"{kind.__name__} is no class")
    return {
        line.target.id: beside[line.lineno]
        for line in definition.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.lineno in beside
    }


def _write_cell(text: str, *, code: bool = False) -> str:
    clean = text.replace("|", "\\|")
    return f"`{clean}`" if code and clean else clean
