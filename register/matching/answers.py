"""From what was found to what a country answers: pure, so that every answer of the table can be tested.

What is handed in has been read again in Postgres and judged by `may_see`; here it is scored, put in words and
bounded. A country that was asked and shows nothing answers the same, whatever it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from register.domain.exchange.held import HeldExtract
from register.domain.exchange.log import OutOfDate
from register.domain.partition import FACTS
from register.matching.evidence import Scored
from register.matching.score import score
from register.matching.weights import default_weights
from register.mou.decide import Decision
from schemas.codes import HandlingCondition, Partition
from schemas.search.question import HITS_MAX, Answer, CommonOut, ContactOut, CountryAnswer, EvidenceOut, HitOut

NOTHING = "Nothing that may be shown. This does not mean that nothing is known there."
NOT_COMPUTED = (
    "Not computed: the pseudonyms could not be made now, since too few countries answered. This is no answer; ask "
    "again later."
)
LIMITED = "Not computed: a limit of what the other countries compute is reached. This is no answer."
TOO_COMMON = "Too common: this value describes too many records to be a match."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject of a received extract that shares a key with the question, and may be shown.

    Attributes:
        families: of the record's subject: family -> its keys.
        decision: of `may_see`; it allows.
    """

    held: HeldExtract
    subject: int
    families: Mapping[str, AbstractSet[str]]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that let nothing be computed, as it is told to whoever asks.

    Attributes:
        says: which it is, in one sentence.
        ways: how to go on.
        retry_at: when it has room again; None where waiting does not help.
    """

    code: str
    says: str
    ways: tuple[str, ...]
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one country, in keys.

    Attributes:
        families: family -> keys of the asker's subject.
        df: key -> distinct records of this mirror that carry it, as they count against that country's.
    """

    families: Mapping[str, AbstractSet[str]]
    df: Mapping[str, int]


def scored(question: Question, families: Mapping[str, AbstractSet[str]]) -> Scored:
    """Score one subject against the question by the weight table in force."""
    return score(question.families, families, question.df, default_weights())


def answer_of(
    country: Partition,
    question: Question,
    candidates: Sequence[Candidate],
    common: Sequence[CommonOut],
    *,
    stale: OutOfDate | None,
    unreadable: int = 0,
) -> CountryAnswer:
    """What a country that was asked answers: its hits, strongest first; or too common; or nothing.

    With extracts of it that cannot be read here, its answer never passes for a whole one.
    """
    hits = [h for c in candidates if (h := _build_hit(question, c)) is not None]
    hits.sort(key=lambda h: (-h.bits, h.reference, h.record))
    kind = Answer.HIT if hits else Answer.TOO_COMMON if common else Answer.NOTHING
    words = {Answer.HIT: _hit_words(country, hits), Answer.TOO_COMMON: TOO_COMMON, Answer.NOTHING: NOTHING}[kind]
    return CountryAnswer(
        country=country,
        answer=kind,
        words=words + (f" {unread_words(unreadable)}" if unreadable else "") + _missing(country, stale),
        unreadable=unreadable,
        hits=tuple(hits[:HITS_MAX]),
        too_common=tuple(common),
        **_staleness(stale),
    )


def unread_words(number: int) -> str:
    """That extracts of a country cannot be read here, whether they match or not."""
    extracts = "1 extract" if number == 1 else f"{number} extracts"
    return f"{extracts} of this country cannot be read here now and may match; the register unit is told."


def cut_off_words(country: Partition) -> str:
    """That what a country says reaches this one no more, and what that means for what is shown of it."""
    name = FACTS[country].name
    return (
        f"What {name} says reaches us no more: what it shared, corrected or took back since is missing here. Telephone "
        "its register unit before anything is done on it."
    )


def _missing(country: Partition, stale: OutOfDate | None) -> str:
    return f" {cut_off_words(country)}" if stale is not None and stale.cut_off else ""


def _staleness(stale: OutOfDate | None) -> dict[str, Any]:
    return {} if stale is None else {"stale_since": stale.since, "cut_off": stale.cut_off}


def not_asked(country: Partition, decision: Decision) -> CountryAnswer:
    """A country that the rules do not let be asked: the rule, and what would allow it; never "nothing"."""
    return CountryAnswer(
        country=country,
        answer=Answer.NOT_ASKED,
        words=f"{FACTS[country].name} was not asked; send a request instead.",
        rules=decision.rules,
        reasons=decision.sentences,
        ways=decision.ways,
    )


def not_computed(country: Partition, stale: OutOfDate | None, limit: Limit | None = None) -> CountryAnswer:
    """A country whose part could not be computed: never "no hit"; `limit` where one let nothing be computed."""
    if limit is None:
        words = NOT_COMPUTED + _missing(country, stale)
        return CountryAnswer(country=country, answer=Answer.NOT_COMPUTED, words=words, **_staleness(stale))
    return CountryAnswer(
        country=country,
        answer=Answer.NOT_COMPUTED,
        words=LIMITED + _missing(country, stale),
        **_staleness(stale),
        reasons=(limit.says,),
        ways=limit.ways,
        limit=limit.code,
        retry_at=limit.retry_at,
    )


def _build_hit(question: Question, candidate: Candidate) -> HitOut | None:
    found = scored(question, candidate.families)
    if not found.is_hit:
        return None
    record, label, shows = candidate.held.put.record, candidate.held.put.label, set(candidate.decision.shows)
    role = next((s.role for s in record.subjects if s.n == candidate.subject), None)
    conditions = label.handling.conditions
    return HitOut(
        record=candidate.held.object,
        owner=candidate.held.origin,
        reference=record.reference,
        visibility=label.visibility,
        strength=found.strength,
        bits=round(found.bits, 1),
        evidence=tuple(
            EvidenceOut(attribute=e.attribute, family=e.family, bits=round(e.bits, 1), words=e.words)
            for e in found.evidence
        ),
        signal_type=record.signal_type if "signal_type" in shows else None,
        month_from=record.period.first if "period" in shows else None,
        month_to=record.period.last if "period" in shows else None,
        role=role if "subjects" in shows else None,
        document_use=_find_document_use(candidate) if "subjects" in shows else None,
        exploitation_forms=record.exploitation_forms if "exploitation_forms" in shows else (),
        smuggling_elements=record.smuggling_elements if "smuggling_elements" in shows else (),
        location_type=record.location_type if "location_type" in shows else None,
        sector=record.sector if "sector" in shows else None,
        persons_seen=_count_persons_seen(candidate) if "persons_seen" in shows else None,
        contact=ContactOut(unit=record.contact.unit, routes=record.contact.routes),
        conditions=conditions,
        do_not_contact=HandlingCondition.NO_CONTACT in conditions,
        contested=label.contested,
        obligations=candidate.decision.sentences,
        next_step=_next_step(record.contact.unit, record.contact.routes, record.reference),
    )


def _find_document_use(candidate: Candidate) -> str | None:
    tokens = candidate.held.put.record.tokens
    return next((t.use for t in tokens if t.n == candidate.subject and t.use is not None), None)


def _count_persons_seen(candidate: Candidate) -> int | None:
    seen = candidate.held.put.record.persons_seen
    return seen.adults + seen.children if seen else None


def _next_step(unit: str, routes: Sequence[str], reference: str) -> str:
    ways = " or ".join({"police": "police request", "legal": "legal assistance"}.get(r, r) for r in routes)
    return f"Ask {unit} for the content of {reference} by {ways or 'a request'}."


def _hit_words(country: Partition, hits: Sequence[HitOut]) -> str:
    extracts = len({h.record for h in hits})
    return f"{FACTS[country].name}: {extracts} shared {'extract matches' if extracts == 1 else 'extracts match'}."
