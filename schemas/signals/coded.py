"""The coded fields of a signal: each holds one code of its list, or several different ones."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from schemas.codes import CrimeClass, HandlingCondition, LegalBasis, Purpose, Visibility
from schemas.codes.fields import in_list
from schemas.form import refuse


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise refuse("given-twice", "The same code is given twice")
    return values


OrganisationCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^(AW|BQ|CW|NL|SX)-[0-9]{4}-[0-9]{4,9}$")]

Kind = Annotated[Literal["notification", "submission"], in_list("signal_kind")]
UrgencyCode = Annotated[str, in_list("urgency")]
IslandCode = Annotated[str, in_list("island")]
LocationTypeCode = Annotated[str, in_list("location_type")]
SignalTypeCode = Annotated[str, in_list("signal_type")]
SourceCode = Annotated[str, in_list("source")]
ChannelCode = Annotated[str, in_list("channel")]
SectorCode = Annotated[str, in_list("sector")]
MovementCode = Annotated[str, in_list("movement")]
VictimRelationCode = Annotated[str, in_list("victim_relation")]
SexualFormCode = Annotated[str, in_list("sexual_form")]
ExploitationForms = Annotated[
    tuple[Annotated[str, in_list("exploitation_form")], ...], Field(max_length=50), AfterValidator(_distinct)
]
Acts = Annotated[tuple[Annotated[str, in_list("act")], ...], Field(max_length=50), AfterValidator(_distinct)]
Means = Annotated[tuple[Annotated[str, in_list("means")], ...], Field(max_length=50), AfterValidator(_distinct)]
SmugglingElements = Annotated[
    tuple[Annotated[str, in_list("smuggling_element")], ...], Field(max_length=50), AfterValidator(_distinct)
]
RecruitmentMethods = Annotated[
    tuple[Annotated[str, in_list("recruitment_method")], ...], Field(max_length=50), AfterValidator(_distinct)
]
HandlingConditions = Annotated[
    tuple[Annotated[HandlingCondition, in_list("handling_condition")], ...],
    Field(max_length=10),
    AfterValidator(_distinct),
]
PurposeCode = Annotated[Purpose, in_list("purpose")]
LegalBasisCode = Annotated[LegalBasis, in_list("legal_basis")]
CrimeClassCode = Annotated[CrimeClass, in_list("crime_class")]
VisibilityCode = Annotated[Visibility, in_list("visibility")]
