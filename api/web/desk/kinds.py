"""The kinds of records that have pages at the desk: their words, their fields, and what a list shows of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from api.web.desk.fields import Field
from api.web.frame.languages import N_, Text
from register.services.desk.keep_intakes import INTAKES
from register.services.desk.keep_trainings import TRAININGS
from register.services.desk.keep_victims import VICTIMS
from register.services.desk.kit import Amending, Keeping
from schemas.desk.intake import AmendIntakeIn
from schemas.desk.record import Amendment
from schemas.desk.training import AmendTrainingIn


class Desk(StrEnum):
    """The kinds, as addresses name them."""

    INTERVIEWS = "interviews"
    VICTIMS = "victims"
    TRAININGS = "trainings"


_WHO: Final = frozenset({"signal", "subject"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of record at the pages.

    Attributes:
        keeping: its use cases.
        title, about: of its list, and in a sentence what stands there and for whom.
        new, one: of the form, and of one record.
        fields: in the order of the form.
        columns: of the list, by the names of fields and of what a line has beside them.
        amendment: the form that corrects one; none where nothing is corrected.
        empty: what is said where there is nothing yet.
        withdrawal: what taking one back means.
        narrowed_by: the field whose codes the list can be narrowed to.
    """

    keeping: Keeping[Any, Any, Any, Any]
    title: Text
    about: Text
    new: Text
    one: Text
    fields: Sequence[Field]
    columns: Sequence[Field]
    empty: Text
    withdrawal: Text
    amendment: type[Amendment] | None = None
    narrowed_by: Field | None = None

    def asked(self, typed: Mapping[str, str]) -> Sequence[Field]:
        """The fields of a form; who it is, an interview says where the form begins at one."""
        return [one for one in self.fields if one.name not in _WHO or not typed.get("intake")]

    def form_of(self, document: BaseModel) -> Mapping[str, Any]:
        """The fields of a record as it stands."""
        found: BaseModel = getattr(document, "form", document)
        return {one.name: getattr(found, one.name) for one in self.fields if hasattr(found, one.name)}

    def form(self, values: Mapping[str, Any]) -> Any:
        """The form of a new record, checked; raises `pydantic.ValidationError`."""
        whole: dict[str, Any] = {}
        for name, value in values.items():
            field = next((one for one in self.fields if one.name == name), None)
            if value is not None and field is not None and field.part:
                whole.setdefault(field.part, {})[name] = value
            elif value is not None:
                whole[name] = value
        return self.keeping.form.model_validate(whole)

    @property
    def amending(self) -> Amending[Any, Any, Any, Any] | None:
        """Its use cases, where its form can be corrected."""
        return self.keeping if isinstance(self.keeping, Amending) else None


_SEX: Final = Field("sex", N_("Sex"), "code", "sex")
_AGE: Final = Field(
    "age_band", N_("Age"), "code", "age_band", N_("On that day. Several countries count by these bands.")
)
_NATIONALITY: Final = Field(
    "nationality", N_("Nationality"), "nationality", hint=N_("Leave it out if it is not known."), needed=False
)
_COUNTED: Final = Field("nationality_group", N_("Nationality as counted"), "code", "nationality_group")
_NAME: Final = Field(
    "name",
    N_("Name of the person"),
    "line",
    hint=N_("Kept sealed. By the whole name the register looks for them in reports, and keeps them at home there."),
    needed=False,
)
_NOTE: Final = Field("note", N_("Note"), "text", hint=N_("Kept sealed. Leave the name out of it."), needed=False)
_REPORT: Final = Field(
    "signal", N_("Report"), "report", hint=N_("Its reference, for instance 2026-0168, if there is one."), needed=False
)
_BY: Final = Field("organisation", N_("Recorded by"), "line")
_DAY: Final = Field("held_on", N_("Held on"), "day", hint=N_("For instance 31-01-2026."))
STATUS: Final = (
    Field("status", N_("Status"), "code", "victim_status", part="status"),
    Field("form", N_("Form of exploitation"), "code", "exploitation_form", N_("As far as it is known."), part="status"),
    Field("decided_on", N_("Decided on"), "day", hint=N_("The figures of a year go by this day."), part="status"),
    Field("reason", N_("Reason"), "text", hint=N_("Kept sealed in the history of the person."), part="status"),
)
"""A step on the ladder."""

KINDS: Final[Mapping[Desk, Kind]] = MappingProxyType(
    {
        Desk.INTERVIEWS: Kind(
            keeping=INTAKES,
            title=N_("Interviews"),
            about=N_(
                "Intake interviews: with one person, on one day. They never leave the country; the figures do, rounded."
            ),
            new=N_("Record an interview"),
            one=N_("Interview"),
            fields=(_DAY, _SEX, _AGE, _NATIONALITY, _REPORT, _NAME, _NOTE),
            columns=(_DAY, _SEX, _AGE, _COUNTED, _BY),
            amendment=AmendIntakeIn,
            empty=N_("No interview has been recorded yet."),
            withdrawal=N_("It counts no more, and name, nationality and note open for nobody any more."),
        ),
        Desk.VICTIMS: Kind(
            keeping=VICTIMS,
            title=N_("Victims"),
            about=N_(
                "The victim ladder, apart from any case: who stands where, and who said so. Help never waits for it."
            ),
            new=N_("Put a person on the ladder"),
            one=N_("Person on the ladder"),
            fields=(
                replace(_REPORT, needed=True, hint=N_("Its reference, for instance 2026-0168.")),
                Field(
                    "subject",
                    N_("Number of the person in the report"),
                    "number",
                    hint=N_("As the page of the report counts its persons."),
                ),
                _SEX,
                _AGE,
                _NATIONALITY,
                Field("movement", N_("Movement"), "code", "movement"),
                _NAME,
                _NOTE,
                *STATUS,
            ),
            columns=(STATUS[0], _SEX, _AGE, _COUNTED, Field("movement", N_("Movement"), "code", "movement"), _BY),
            narrowed_by=STATUS[0],
            empty=N_("Nobody whom you may know of is on the ladder."),
            withdrawal=N_(
                "Only for somebody who was entered by mistake: what is sealed opens for nobody any more. Who was found "
                "to be no victim gets a status."
            ),
        ),
        Desk.TRAININGS: Kind(
            keeping=TRAININGS,
            title=N_("Trainings"),
            about=N_("Trainings that this country gave or had: numbers of people, no person."),
            new=N_("Record a training"),
            one=N_("Training"),
            fields=(
                _DAY,
                Field("kind", N_("Kind of training"), "code", "training_kind"),
                Field(
                    "group", N_("Group trained"), "code", "training_group", N_("Several groups are several entries.")
                ),
                Field("provider", N_("Given by"), "country", hint=N_("The country that gave it: it counts there.")),
                Field("recipient", N_("Country of those trained"), "code", "partition"),
                Field("people", N_("People"), "number"),
            ),
            columns=(
                _DAY,
                Field("kind", N_("Kind of training"), "code", "training_kind"),
                Field("group", N_("Group trained"), "code", "training_group"),
                Field("provider", N_("Given by"), "country"),
                Field("recipient", N_("Country of those trained"), "code", "partition"),
                Field("people", N_("People"), "number"),
            ),
            amendment=AmendTrainingIn,
            empty=N_("No training has been recorded yet."),
            withdrawal=N_("It counts no more. Nothing else changes."),
        ),
    }
)
