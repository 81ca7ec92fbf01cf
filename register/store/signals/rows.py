"""A signal as a row and back: which value lies in which column, and what of it is sealed.

Reads and writes nothing by itself: `signals` does, with the rows that hang on a signal from `signal_parts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from register.domain.signals.signal import LegalGround, Signal, SignalId
from register.errors import OperatorError
from register.store.running.sealing import NotSealed, OpenKey, Place
from register.store.signals.parts import BOUND_FROM, FORM_SCHEMA, WITHDRAWAL, bound_by, open_parts
from schemas.codes import (
    CrimeClass,
    Handling,
    HandlingCondition,
    LegalBasis,
    Partition,
    Purpose,
    SignalState,
    Visibility,
)
from schemas.signals.signal import SignalIn

Rows: TypeAlias = Mapping[str, Sequence[Mapping[Any, Any]]]
"""The rows that hang on a signal, by the name of their table."""
# Codes of the form that no query of ours filters on travel in one JSON column.
_CODED = (
    "exploitation_forms", "sexual_form", "acts", "means", "smuggling_elements", "recruitment", "sector", "movement",
    "victim_relation", "persons_seen", "nothing_known",
)  # fmt: skip
# What the form overrides of the profile: kept as typed, so that an amendment can take it away again.
_OVERRIDES = ("purpose", "legal_basis", "crime_class", "evaluation", "handling", "visibility", "single_approval")


def row_of(record: Signal, key: OpenKey, parts: Rows) -> dict[str, Any]:
    """Return the columns of a signal, sealed under a key of its own; `parts` are the rows that hang on it."""
    form, ground = record.form, record.ground
    place = Place(record.partition, "signal", str(record.id), record.ground.handling, FORM_SCHEMA)
    plain = form.model_dump(mode="json", include=set(_CODED))
    plain["overrides"] = form.model_dump(mode="json", include=set(_OVERRIDES))
    row = {
        "country": record.partition,
        "id": record.id,
        "reference": record.reference,
        "kind": form.kind,
        "state": record.state,
        "version": record.version,
        "organisation": record.organisation,
        "actor": record.actor,
        "urgency": form.urgency,
        "received_on": form.received_on,
        "period_from": form.period.from_,
        "period_to": form.period.to,
        "island": form.place.island,
        "location_type": form.place.location_type,
        "type_registered": record.type_registered,
        "type_assessed": record.type_assessed,
        "source": form.source,
        "channel": form.channel,
        "reporter_anonymous": form.reporter_anonymous,
        "coded": plain,
        "purpose": ground.purpose,
        "legal_basis": ground.legal_basis,
        "crime_class": ground.crime_class,
        "acquisition": ground.acquisition,
        "obtained_on": ground.obtained_on,
        "evaluation_scheme": ground.evaluation[0],
        "evaluation_source": ground.evaluation[1],
        "evaluation_information": ground.evaluation[2],
        "handling": ground.handling,
        "handling_conditions": sorted(ground.handling_conditions),
        "handling_expires": ground.handling_expires,
        "visibility": ground.visibility,
        "retention_class": ground.retention_class,
        "last_verified_on": ground.last_verified_on,
        "last_necessity_at": record.last_necessity_at,
        "retain_until": ground.retain_until,
        "single_approval": ground.single_approval,
        "gate_ref": ground.gate_ref,
        "gate_approval": ground.gate_approval,
        "gate_until": ground.gate_until,
        "widened": ground.widened,
        "recipients": sorted(ground.recipients),
        "prosecutor_consent": ground.prosecutor_consent,
        "consent": ground.consent,
        "consent_until": ground.consent_until,
        "confirmed_at": ground.confirmed_at,
        "covenant_ref": ground.covenant_ref,
        "contested": ground.contested,
        "withdrawn_code": record.withdrawn_code,
        "withdrawn_at": record.withdrawn_at,
        "forwarded_at": record.forwarded_at,
        "pseudonyms": record.pseudonyms,
        "extract_id": record.extract_id,
        "locality": key.seal_json(place, "locality", form.place.locality) if form.place.locality else None,
        "operation": key.seal_json(place, "operation", form.operation) if form.operation else None,
        "data_key": key.id,
        "sealed_schema": FORM_SCHEMA,
        "created_at": record.recorded_at,
        "updated_at": record.changed_at,
    }
    bound = replace(place, bound=bound_by(row, parts))
    return row | {"account": key.seal_json(bound, "account", form.account)}


def signal_of(row: Mapping[Any, Any], parts: Rows, key: OpenKey) -> Signal:
    """Return the signal of a row; `parts` are the rows that hang on it.

    Raises:
        FieldSealBroken: something of it does not open, or what stands in clear was changed beside its story.
        NotSealed: a column holds no code that there is.
    """
    place = Place(Partition(row["country"]), "signal", str(row["id"]), row["handling"], row["sealed_schema"])
    account = _open_account(row, parts, place, key)
    try:
        return _signal_of(row, parts, key, place, account)
    except ValueError:
        # Columns that are not sealed hold codes: one that there is not stops this report and no other.
        raise NotSealed(f"{row['reference']} holds what the register does not write") from None


def _signal_of(row: Mapping[Any, Any], parts: Rows, key: OpenKey, place: Place, account: Any) -> Signal:
    coded = dict(row["coded"])
    form = {
        "kind": row["kind"],
        "urgency": row["urgency"],
        "account": account,
        "received_on": row["received_on"],
        "period": {"from": row["period_from"], "to": row["period_to"]},
        "place": {
            "island": row["island"],
            "location_type": row["location_type"],
            "locality": key.open_json(place, "locality", row["locality"]) if row["locality"] else None,
        },
        "operation": key.open_json(place, "operation", row["operation"]) if row["operation"] else None,
        "signal_type": row["type_registered"],
        "source": row["source"],
        "reporter_anonymous": row["reporter_anonymous"],
        "channel": row["channel"],
        **open_parts(parts, row, key),
        **coded.pop("overrides"),
        **coded,
    }
    return Signal(
        id=SignalId(row["id"]),
        partition=Partition(row["country"]),
        reference=row["reference"],
        state=SignalState(row["state"]),
        version=row["version"],
        organisation=row["organisation"],
        actor=row["actor"],
        type_registered=row["type_registered"],
        type_assessed=row["type_assessed"],
        form=SignalIn.model_validate(form),
        ground=_read_ground(row),
        extract_id=row["extract_id"],
        pseudonyms=row["pseudonyms"],
        last_necessity_at=row["last_necessity_at"],
        recorded_at=row["created_at"],
        changed_at=row["updated_at"],
        forwarded_at=row["forwarded_at"],
        withdrawn_at=row["withdrawn_at"],
        withdrawn_code=row["withdrawn_code"],
    )


def _open_account(row: Mapping[Any, Any], parts: Rows, place: Place, key: OpenKey) -> Any:
    """The story, opened beside what stands in clear; of what an early release sealed, by itself.

    What was withdrawn unread was sealed while it stood. The other way round it does not open: nobody lets a report
    stand again by taking its withdrawal away.
    """

    def beside(clear: Mapping[Any, Any]) -> Any:
        bound = place
        if place.schema >= BOUND_FROM:
            bound = replace(place, bound=bound_by(clear, parts, place.schema))
        return key.open_json(bound, "account", row["account"])

    try:
        return beside(row)
    except OperatorError:
        if row["withdrawn_at"] is None:
            raise
        return beside({**row, **dict.fromkeys(WITHDRAWAL)})


def _read_ground(row: Mapping[Any, Any]) -> LegalGround:
    return LegalGround(
        purpose=Purpose(row["purpose"]),
        legal_basis=LegalBasis(row["legal_basis"]),
        crime_class=CrimeClass(row["crime_class"]) if row["crime_class"] else None,
        acquisition=row["acquisition"],
        obtained_on=row["obtained_on"],
        evaluation=(row["evaluation_scheme"], row["evaluation_source"], row["evaluation_information"]),
        handling=Handling(row["handling"]),
        handling_conditions=frozenset(HandlingCondition(c) for c in row["handling_conditions"]),
        handling_expires=row["handling_expires"],
        visibility=Visibility(row["visibility"]),
        retention_class=row["retention_class"],
        last_verified_on=row["last_verified_on"],
        retain_until=row["retain_until"],
        single_approval=row["single_approval"],
        gate_ref=row["gate_ref"],
        gate_approval=row["gate_approval"],
        gate_until=row["gate_until"],
        covenant_ref=row["covenant_ref"],
        confirmed_at=row["confirmed_at"],
        contested=row["contested"],
        widened=row["widened"],
        recipients=frozenset(Partition(country) for country in row["recipients"]),
        prosecutor_consent=row["prosecutor_consent"],
        consent=row["consent"],
        consent_until=row["consent_until"],
    )
