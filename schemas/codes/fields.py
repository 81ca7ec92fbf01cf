"""Form fields that hold codes of a list.

`Annotated[str, in_list("source")]` takes the codes of that list only; the error names the allowed ones, because
the person who typed a wrong one needs them, and never the rejected value, because it may be a name or a number.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from schemas.codes.lists import code_list


@dataclass(frozen=True, slots=True)
class InList:
    """Marks a field whose value is a code of the named list; also prints the codes in the JSON Schema.

    The error `unknown-code` carries `says`, a sentence, and `allowed`, the codes, for whoever renders it.
    """

    name: str

    def check(self, value: object) -> object:
        """Return the value if the list holds it; raise `unknown-code` with the allowed ones if not."""
        if isinstance(value, str) and value in code_list(self.name):
            return value
        allowed = list(code_list(self.name).codes)
        says = f"Not a code of the list {self.name}."
        words = {"says": says, "allowed": allowed, "codes": ", ".join(allowed)}
        raise PydanticCustomError("unknown-code", "{says} Allowed are: {codes}", words)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        words = code_list(self.name)
        return {"type": "string", "enum": list(words.codes), "description": words.explanation["en"]}


def in_list(name: str) -> InList:
    """Mark a field as a code of that list; the list is read when the first value is checked, not at import."""
    return InList(name)
