"""What every versioned record of the desk has: a version, an amendment that names what changes, and a taking back.

A kind of record declares its form once. What an amendment may change follows from it, so the two cannot drift apart:

    class TrainingChanges(Changes, of=TrainingIn): ...
    class AmendTrainingIn(Amendment): changes: TrainingChanges
"""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeVar, get_type_hints

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.form import Form, Note

Version = Annotated[int, Field(ge=1)]
NO_CHANGE = "Name at least one part that changes."
F = TypeVar("F", bound=Form)


class Changes(Form):
    """The parts that an amendment replaces; what is left out stays, null takes a part away where it may be missing."""

    def __init_subclass__(cls, *, of: type[Form] | None = None, **settings: Any) -> None:
        # Before pydantic looks for the fields: each is a field of the form as it stands there, that may be left out.
        # Whether null is allowed is for the form to say, which is checked again as a whole (`Amendment.applied_to`).
        super().__init_subclass__(**settings)
        if of is not None:
            hints = get_type_hints(of, include_extras=True)
            cls.__annotations__ = {name: hints[name] | None for name in of.model_fields}
            for name, field in of.model_fields.items():
                setattr(cls, name, Field(default=None, repr=field.repr))

    @model_validator(mode="after")
    def _something_changes(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("no-change", "Name at least one part that changes", {"says": NO_CHANGE})
        return self


class Amendment(Form):
    """Corrects or completes a record, with a reason; each kind narrows `changes` to its own."""

    changes: Changes
    reason: Note

    def applied_to(self, form: F) -> F:
        """Return the form with the changes made, checked again as a whole.

        Raises:
            pydantic.ValidationError: a part that is needed was taken away.
        """
        return type(form).model_validate({**form.model_dump(), **self.changes.model_dump(exclude_unset=True)})


class TakeBackIn(Form):
    """Takes a record of the own country back: it counts no more, and what is sealed of it opens no more."""

    reason: Note
