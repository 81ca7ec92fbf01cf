"""Signals in the store: one value in, several tables and sealed fields behind it.

A change of a signal replaces its sealed content whole, under a fresh data key; the old key is destroyed, so an
amended name cannot be read again from the rows of before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.signal import LegalGround, Signal, SignalId
from register.errors import NotFound
from register.store.models.signals import (
    blind_index,
    guarantee,
    indicator,
    referral,
    selector,
    sharing,
    signal,
    signal_event,
    subject,
    token,
)
from register.store.rls import child_name
from register.store.sealing import SEALED_SCHEMA, DataKeys, OpenKey, Place
from schemas.codes import (
    CrimeClass,
    Handling,
    HandlingCondition,
    LegalBasis,
    Partition,
    Purpose,
    SignalState,
    Visibility,
    code_list,
)
from schemas.signal import SignalIn, SubjectIn

# Codes of the form that no query of ours filters on travel in one JSON column.
_CODED = (
    "exploitation_forms", "sexual_form", "acts", "means", "smuggling_elements", "recruitment", "sector", "movement",
    "operation", "victim_relation", "persons_seen", "nothing_known",
)  # fmt: skip
# What the form overrides of the profile: kept as typed, so that an amendment can take it away again.
_OVERRIDES = ("purpose", "legal_basis", "crime_class", "evaluation", "handling", "visibility", "single_approval")


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A pseudonym of an own signal, and why it is withheld if it is."""

    subject_n: int
    family: str
    version: int
    epoch: int
    token: bytes
    use: str | None
    withheld_by: str | None


@dataclass(frozen=True, slots=True)
class BlindMatch:
    """An own signal that shares a canonical value with what was asked for."""

    signal_id: SignalId
    subject_n: int
    family: str
    blind: bytes


class Signals:
    """The signals of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def add(self, record: Signal) -> None:
        """Store a new signal with everything that hangs on it."""
        key = self._keys.make(record.ground.retain_until)
        self._connection.execute(sa.insert(signal), [self._row(record, key)])
        self._add_parts(record, key)

    def replace(self, record: Signal, *, was: int) -> None:
        """Store a changed signal; `was` is the version the change was made on.

        Raises:
            NotFound: there is no such signal at that version (it changed meanwhile).
        """
        old = self._locked(record.id)
        if old.version != was:
            raise NotFound(f"signal {record.id} is not at version {was} any more")
        key = self._keys.make(record.ground.retain_until)
        row = self._row(record, key)
        for fixed in ("country", "id", "reference", "kind", "organisation", "actor", "type_registered", "acquisition",
                      "obtained_on", "retention_class", "covenant_ref", "extract_id", "created_at"):  # fmt: skip
            del row[fixed]
        self._connection.execute(sa.update(signal).where(*self._is(record.id)).values(row))
        for table in (subject, selector, indicator, guarantee):
            self._delete(table, record.id)
        self._add_parts(record, key)
        self._keys.destroy([old.data_key])

    def set_columns(self, signal_id: SignalId, **columns: Any) -> None:
        """Change plain columns only (states, marks); sealed content stays as it is."""
        self._connection.execute(sa.update(signal).where(*self._is(signal_id)).values(columns))

    def erase(self, signal_id: SignalId) -> None:
        """Destroy what was sealed of a signal and its keys; codes and the timeline stay."""
        old = self._locked(signal_id)
        self._connection.execute(sa.update(signal).where(*self._is(signal_id)).values(account=None, locality=None))
        for table in (subject, selector, token, blind_index):
            self._delete(table, signal_id)
        self._keys.destroy([old.data_key])

    def lock(self, signal_id: SignalId) -> None:
        """Hold the signal's row until commit, so that the order of what is decided about it holds."""
        self._locked(signal_id)

    def get(self, signal_id: SignalId) -> Signal:
        """Return a signal with its content opened.

        Raises:
            NotFound: there is none in this country.
            Erased: its content has been erased.
        """
        row = self._connection.execute(sa.select(signal).where(*self._is(signal_id))).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no signal {signal_id} in this register")
        return self._load(row)

    def id_of(self, reference: str) -> SignalId:
        """Return the id of the signal with this reference.

        Raises:
            NotFound: there is none in this country.
        """
        found = self._connection.execute(
            sa.select(signal.c.id).where(signal.c.country == self._country, signal.c.reference == reference)
        ).scalar_one_or_none()
        if found is None:
            raise NotFound(f"there is no signal {reference} in this register")
        return SignalId(found)

    def id_of_extract(self, extract_id: UUID) -> SignalId | None:
        """Return the id of the signal behind an own extract."""
        found = self._connection.execute(
            sa.select(signal.c.id).where(signal.c.country == self._country, signal.c.extract_id == extract_id)
        ).scalar_one_or_none()
        return None if found is None else SignalId(found)

    def live_extracts(self) -> list[UUID]:
        """Return the ids of the extracts of all signals that are not withdrawn."""
        query = sa.select(signal.c.extract_id).where(signal.c.country == self._country, signal.c.withdrawn_at.is_(None))
        return list(self._connection.execute(query).scalars())

    def summaries(
        self, *, organisation: str | None, before: UUID | None, limit: int, filters: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        """Plain columns of the newest signals, newest first.

        Args:
            organisation: only that organisation's; None for all of the country.
            before: the id after which the page begins.
            limit: how many at most.
            filters: equal-to conditions on coded columns (`kind`, `state`, `type_assessed`, `island` ...).
        """
        query = sa.select(*(signal.c[c] for c in SUMMARY_COLUMNS)).where(signal.c.country == self._country)
        if organisation is not None:
            query = query.where(signal.c.organisation == organisation)
        if before is not None:
            query = query.where(signal.c.id < before)
        for column, value in filters.items():
            query = query.where(signal.c[column] == value)
        return [dict(r) for r in self._connection.execute(query.order_by(signal.c.id.desc()).limit(limit)).mappings()]

    def reference_is_taken(self, reference: str) -> bool:
        """Whether a drawn reference is in use."""
        query = sa.select(sa.literal(1)).where(signal.c.country == self._country, signal.c.reference == reference)
        return self._connection.execute(query).first() is not None

    def note_event(
        self, signal_id: SignalId, what: str, actor: str, facts: Mapping[str, Any], *, reason: str | None, ends: date
    ) -> None:
        """Add a line to the signal's timeline; the reason is sealed."""
        event_id = self._clock.new_id()
        key = self._keys.make(ends) if reason is not None else None
        place = Place(self._country, "signal_event", str(event_id))
        self._connection.execute(
            sa.insert(signal_event),
            [
                {
                    "country": self._country,
                    "id": event_id,
                    "signal_id": signal_id,
                    "at": self._clock.now(),
                    "actor": actor,
                    "what": what,
                    "facts": dict(facts),
                    "reason": key.seal_json(place, "reason", reason) if key and reason is not None else None,
                    "data_key": key.id if key else None,
                }
            ],
        )

    def events(self, signal_id: SignalId) -> list[dict[str, Any]]:
        """The timeline, oldest first, reasons opened."""
        rows = self._connection.execute(
            sa.select(signal_event)
            .where(signal_event.c.country == self._country, signal_event.c.signal_id == signal_id)
            .order_by(signal_event.c.at, signal_event.c.id)
        ).all()
        keys = self._keys.get_many([r.data_key for r in rows if r.data_key is not None])
        return [
            {
                "at": r.at,
                "what": r.what,
                "actor": r.actor,
                "facts": r.facts,
                "reason": keys[r.data_key].open_json(
                    Place(self._country, "signal_event", str(r.id)), "reason", r.reason
                )
                if r.data_key in keys
                else None,
            }
            for r in rows
        ]

    def add_referral(self, signal_id: SignalId, kind: str, to: str, actor: str, note: str | None, ends: date) -> UUID:
        """Refer a signal to an organisation; several run beside each other."""
        referral_id = self._clock.new_id()
        key = self._keys.make(ends) if note is not None else None
        place = Place(self._country, "referral", str(referral_id))
        self._connection.execute(
            sa.insert(referral),
            [
                {
                    "country": self._country,
                    "id": referral_id,
                    "signal_id": signal_id,
                    "kind": kind,
                    "referred_to": to,
                    "referred_at": self._clock.now(),
                    "actor": actor,
                    "state": "SENT",
                    "note": key.seal_json(place, "note", note) if key and note is not None else None,
                    "data_key": key.id if key else None,
                }
            ],
        )
        return referral_id

    def referrals(self, signal_id: SignalId) -> list[Mapping[str, Any]]:
        """The referrals of a signal, oldest first."""
        query = sa.select(*referral.c["id", "kind", "referred_to", "referred_at", "state"]).where(
            referral.c.country == self._country, referral.c.signal_id == signal_id
        )
        return [dict(r) for r in self._connection.execute(query.order_by(referral.c.id)).mappings()]

    def set_blind_index(self, signal_id: SignalId, entries: Sequence[tuple[int, str, bytes]]) -> None:
        """Store (subject n, family, blind) of a signal for local search; replaces what was there."""
        self._delete(blind_index, signal_id)
        rows = {
            (n, blind): {
                "country": self._country, "blind": blind, "signal_id": signal_id, "subject_n": n, "family": family,
            }
            for n, family, blind in entries
        }  # fmt: skip
        if rows:
            self._connection.execute(sa.insert(blind_index), list(rows.values()))

    def match_blind(self, blinds: Sequence[bytes], *, hidden: Collection[Visibility] = ()) -> list[BlindMatch]:
        """Own signals that carry one of these blind values, are not withdrawn and of no visibility in `hidden`."""
        rows = self._connection.execute(
            sa.select(*blind_index.c["signal_id", "subject_n", "family", "blind"])
            .join(signal, sa.and_(signal.c.country == blind_index.c.country, signal.c.id == blind_index.c.signal_id))
            .where(
                blind_index.c.country == self._country,
                blind_index.c.blind == sa.any_(sa.cast(list(blinds), sa.ARRAY(sa.LargeBinary))),
                signal.c.withdrawn_at.is_(None),
                signal.c.visibility.not_in([str(v) for v in hidden]),
            )
        )
        return [BlindMatch(SignalId(r.signal_id), r.subject_n, r.family, r.blind) for r in rows]

    def months(self, signal_ids: Sequence[UUID]) -> tuple[str | None, str | None]:
        """The first and the last month (`YYYY-MM`) that these signals speak of."""
        row = self._connection.execute(
            sa.select(
                sa.func.to_char(sa.func.min(signal.c.period_from), "YYYY-MM"),
                sa.func.to_char(sa.func.max(sa.func.coalesce(signal.c.period_to, signal.c.period_from)), "YYYY-MM"),
            ).where(signal.c.country == self._country, signal.c.id.in_(list(signal_ids)))
        ).one()
        return row[0], row[1]

    def coded(self, signal_id: UUID) -> dict[str, Any]:
        """The plain columns of a signal that an own hit shows, with its guarantees; nothing is unsealed."""
        row = self._connection.execute(
            sa.select(*signal.c["reference", "organisation", "type_assessed", "received_on"]).where(
                *self._is(SignalId(signal_id))
            )
        ).one()
        given = sa.select(*guarantee.c["kind", "service", "given_on"]).where(
            guarantee.c.country == self._country, guarantee.c.signal_id == signal_id
        )
        guarantees = [tuple(g) for g in self._connection.execute(given.order_by(guarantee.c.n))]
        return {**row._mapping, "guarantees": guarantees}  # noqa: SLF001 - SQLAlchemy's public name for it

    def set_tokens(self, signal_id: SignalId, tokens: Sequence[TokenRow]) -> None:
        """Store the pseudonyms of a signal; replaces what was there."""
        self._delete(token, signal_id)
        if tokens:
            self._connection.execute(
                sa.insert(token),
                [
                    {
                        "country": self._country, "signal_id": signal_id, "subject_n": t.subject_n,
                        "family": t.family, "version": t.version, "epoch": t.epoch, "token": t.token, "use": t.use,
                        "withheld_by": t.withheld_by,
                    }
                    for t in tokens
                ],
            )  # fmt: skip

    def tokens(self, signal_id: SignalId) -> list[TokenRow]:
        """The pseudonyms of a signal."""
        query = sa.select(token).where(token.c.country == self._country, token.c.signal_id == signal_id)
        return [
            TokenRow(r.subject_n, r.family, r.version, r.epoch, r.token, r.use, r.withheld_by)
            for r in self._connection.execute(query.order_by(token.c.subject_n, token.c.family, token.c.token))
        ]

    def set_sharing(
        self, signal_id: SignalId, decisions: Mapping[Partition, tuple[bool, Sequence[str]]], edition: str, at: datetime
    ) -> None:
        """Keep what was decided for each partner, with its rules: the grounds that people are shown."""
        statement = insert(sharing).values(
            [
                {
                    "country": self._country, "signal_id": signal_id, "recipient": recipient, "allowed": allowed,
                    "rules": list(rules), "edition": edition, "decided_at": at,
                }
                for recipient, (allowed, rules) in decisions.items()
            ]
        )  # fmt: skip
        fresh = statement.excluded
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "signal_id", "recipient"],
                set_={c: fresh[c] for c in ("allowed", "rules", "edition", "decided_at")},
            )
        )

    def sharing(self, signal_id: SignalId) -> dict[Partition, tuple[bool, tuple[str, ...]]]:
        """What the worker decided for each partner; empty until it has."""
        query = sa.select(sharing).where(sharing.c.country == self._country, sharing.c.signal_id == signal_id)
        return {Partition(r.recipient): (r.allowed, tuple(r.rules)) for r in self._connection.execute(query)}

    def _is(self, signal_id: SignalId) -> tuple[sa.ColumnElement[bool], ...]:
        return (signal.c.country == self._country, signal.c.id == signal_id)

    def _locked(self, signal_id: SignalId) -> sa.Row[int, UUID]:
        row = self._connection.execute(
            sa.select(signal.c.version, signal.c.data_key).where(*self._is(signal_id)).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFound(f"there is no signal {signal_id} in this register")
        return row

    def _delete(self, table: sa.Table, signal_id: SignalId) -> None:
        child = child_name(table, self._country)
        self._connection.execute(sa.text(f"DELETE FROM {child} WHERE signal_id = :id"), {"id": signal_id})

    def _place(self, record: Signal, table: str, part: str = "") -> Place:
        return Place(self._country, table, f"{record.id}{part}", record.ground.handling)

    def _row(self, record: Signal, key: OpenKey) -> dict[str, Any]:
        form, ground = record.form, record.ground
        place = self._place(record, "signal")
        plain = form.model_dump(mode="json", include=set(_CODED))
        plain["overrides"] = form.model_dump(mode="json", include=set(_OVERRIDES))
        return {
            "country": self._country,
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
            "confirmed_at": ground.confirmed_at,
            "covenant_ref": ground.covenant_ref,
            "contested": ground.contested,
            "withdrawn_code": record.withdrawn_code,
            "withdrawn_at": record.withdrawn_at,
            "forwarded_at": record.forwarded_at,
            "pseudonyms": record.pseudonyms,
            "extract_id": record.extract_id,
            "account": key.seal_json(place, "account", form.account),
            "locality": key.seal_json(place, "locality", form.place.locality) if form.place.locality else None,
            "data_key": key.id,
            "sealed_schema": SEALED_SCHEMA,
            "created_at": record.recorded_at,
            "updated_at": record.changed_at,
        }

    def _add_parts(self, record: Signal, key: OpenKey) -> None:
        form, base = record.form, {"country": self._country, "signal_id": record.id}
        roles = code_list("subject_role")
        subjects = [
            base
            | {
                "n": s.n,
                "role": s.role,
                "category": roles[s.role].extra["person_category"],
                "kind": s.kind,
                "minor": s.minor,
                "details": key.seal_json(self._place(record, "subject", f"/{s.n}"), "details", _details(s)),
            }
            for s in form.subjects
        ]
        pairs = [(0, x) for x in form.selectors] + [(s.n, x) for s in form.subjects for x in s.selectors]
        selectors = [
            base
            | {
                "n": i,
                "subject_n": n,
                "type": x.type,
                "use": x.use,
                "value": key.seal_json(
                    self._place(record, "selector", f"/{i}"), "value", x.model_dump(mode="json", exclude_none=True)
                ),
            }
            for i, (n, x) in enumerate(pairs)
        ]
        indicators = [
            base | {"n": i, "indicator_group": x.group, "strength": x.strength} for i, x in enumerate(form.indicators)
        ]
        guarantees = [
            base
            | {
                "n": i,
                "kind": g.kind,
                "service": g.service,
                "given_on": g.on,
                "guarantor_n": g.guarantor,
                "beneficiary_n": g.beneficiary,
            }
            for i, g in enumerate(form.guarantees)
        ]
        for table, rows in (
            (subject, subjects),
            (selector, selectors),
            (indicator, indicators),
            (guarantee, guarantees),
        ):
            if rows:
                self._connection.execute(sa.insert(table), rows)

    def _load(self, row: Mapping[Any, Any]) -> Signal:
        signal_id = SignalId(row["id"])
        key = self._keys.get(row["data_key"])

        def place(table: str, part: str = "") -> Place:
            return Place(self._country, table, f"{signal_id}{part}", row["handling"], row["sealed_schema"])

        subjects = []
        by_subject: dict[int, list[Any]] = {}
        for x in self._parts(selector, signal_id):
            value = key.open_json(place("selector", f"/{x.n}"), "value", x.value)
            by_subject.setdefault(x.subject_n, []).append(value)
        for s in self._parts(subject, signal_id):
            details = key.open_json(place("subject", f"/{s.n}"), "details", s.details)
            subjects.append(
                {"n": s.n, "role": s.role, "kind": s.kind, "minor": s.minor, "selectors": by_subject.get(s.n, [])}
                | details
            )
        coded = dict(row["coded"])
        form = {
            "kind": row["kind"],
            "urgency": row["urgency"],
            "account": key.open_json(place("signal"), "account", row["account"]),
            "received_on": row["received_on"],
            "period": {"from": row["period_from"], "to": row["period_to"]},
            "place": {
                "island": row["island"],
                "location_type": row["location_type"],
                "locality": key.open_json(place("signal"), "locality", row["locality"]) if row["locality"] else None,
            },
            "signal_type": row["type_registered"],
            "source": row["source"],
            "reporter_anonymous": row["reporter_anonymous"],
            "channel": row["channel"],
            "subjects": subjects,
            "selectors": by_subject.get(0, []),
            "indicators": [
                {"group": i.indicator_group, "strength": i.strength} for i in self._parts(indicator, signal_id)
            ],
            "guarantees": [
                {"kind": g.kind, "service": g.service, "on": g.given_on, "guarantor": g.guarantor_n,
                 "beneficiary": g.beneficiary_n}
                for g in self._parts(guarantee, signal_id)
            ],
            **coded.pop("overrides"),
            **coded,
        }  # fmt: skip
        return Signal(
            id=signal_id,
            partition=self._country,
            reference=row["reference"],
            state=SignalState(row["state"]),
            version=row["version"],
            organisation=row["organisation"],
            actor=row["actor"],
            type_registered=row["type_registered"],
            type_assessed=row["type_assessed"],
            form=SignalIn.model_validate(form),
            ground=_ground(row),
            extract_id=row["extract_id"],
            pseudonyms=row["pseudonyms"],
            last_necessity_at=row["last_necessity_at"],
            recorded_at=row["created_at"],
            changed_at=row["updated_at"],
            forwarded_at=row["forwarded_at"],
            withdrawn_at=row["withdrawn_at"],
            withdrawn_code=row["withdrawn_code"],
        )

    def _parts(self, table: sa.Table, signal_id: SignalId) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        query = sa.select(table).where(table.c.country == self._country, table.c.signal_id == signal_id)
        return self._connection.execute(query.order_by(table.c.n)).all()


SUMMARY_COLUMNS = (
    "id", "reference", "kind", "state", "version", "type_registered", "type_assessed", "urgency", "source", "channel",
    "island", "organisation", "received_on", "created_at", "updated_at",
)  # fmt: skip


def _details(person: SubjectIn) -> dict[str, Any]:
    return person.model_dump(mode="json", include={"name", "birth", "nationality"}, exclude_none=True)


def _ground(row: Mapping[Any, Any]) -> LegalGround:
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
        covenant_ref=row["covenant_ref"],
        confirmed_at=row["confirmed_at"],
        contested=row["contested"],
    )
