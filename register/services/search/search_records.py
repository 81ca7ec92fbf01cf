"""Ask across the countries: intent logged, pseudonyms made, the engine asked, every hit read again, outcome logged.

The order is the promise: what is asked, by whom, why and for which case is committed before anything is looked up;
misses are logged too. Without the engine PostgreSQL answers, and says so; with too few evaluators the partners' part
is "not computed", and the own register answers all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, system
from register.domain.access.policy import UseCase
from register.domain.exchange.log import OutOfDate
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.logs import logger
from register.matching.answers import Candidate, Question, answer_of, not_asked, not_computed
from register.matching.score import count_carriers
from register.mou.label import terms_of
from register.pseudonyms.client import Pending, Token, in_parts
from register.pseudonyms.matchkeys import MatchKey, blind_index
from register.pseudonyms.query_keys import keys_of_values
from register.pseudonyms.readings import asked_with, cannot_find
from register.search.compiler import HITS_PER_TOKEN, Scope
from register.search.errors import EngineRefused, EngineUnavailable, IndexMissing
from register.search.peppers import Peppers
from register.services.exchange.ask_evaluators import (
    Ask,
    ask_evaluators,
    ask_on_tickets,
    hash_keys,
    limit_told,
    tickets_with_room,
)
from register.services.search.breadth import note_answer, note_question
from register.services.search.budgets import refusals_noted, spend
from register.services.search.check_question import values_to_ask
from register.services.search.own import own_answer
from register.services.search.plan import Plan, plan_of
from register.store.exchange.damages import Stored
from register.store.search.search_keys import DF_MAX
from register.store.work import Work
from schemas.canonical import b64
from schemas.codes import Partition
from schemas.exchange.evaluation import Asking, EvaluationPurpose
from schemas.search.question import CommonOut, CountryAnswer, SearchIn, SearchOut

MODES_OFF_DEGRADED = ("browse",)


@dataclass(frozen=True, slots=True)
class _Mirror:
    """What the engine holds of the question's keys.

    Attributes:
        left: countries whose part the engine could not answer; PostgreSQL does.
        crowded: tokens of which a country has more documents than the engine gave.
    """

    subjects: frozenset[tuple[Partition, UUID, int]]
    left: tuple[Partition, ...] = ()
    crowded: tuple[tuple[Partition, bytes], ...] = ()

    @property
    def degraded(self) -> bool:
        return bool(self.left)


def search_records(register: Register, caller: Caller, question: SearchIn) -> SearchOut:
    """Answer one question, country by country.

    Args:
        register: the caller's country's.
        caller: with the task SEARCH_SHARED.
        question: purpose, legal basis, case and what is known of one subject.

    Raises:
        TaskMissing: the caller may not search what others share.
        CaseRefused: what was given as the case is no reference of one.
        NoSuchEdition: the edition to simulate is not here.
        QuestionRefused: the rules refuse the question itself.
        NothingToAsk: nothing of the question can be compared; no country was asked.
        SelectorRefused, TooManyKeys: a value cannot be read, or too much is asked at once; nothing was looked up.
        SearchBudgetSpent: more values than the person, the case or the organisation has left of the day; it left a
            leaf.
    """
    register.permit(caller, UseCase.SEARCH)
    question = question.model_copy(update={"case": register.case_of(caller, question.case)})
    plan = plan_of(register, caller, question)
    values = values_to_ask(question.subject, register.partition)
    keys = keys_of_values(values)
    readings = asked_with(question.subject, register.partition)
    blinds = {blind_index(register.keys.blind_index, k): k for k in keys}
    asked_at, families = register.clock.now(), sorted(k.family for k in keys)
    with (
        refusals_noted(register, caller, purpose=question.purpose, case=question.case),
        register.work(caller) as work,
    ):
        spend(register, work, caller, question.case, values=len(values), abroad=bool(plan.asked))
        search_id = work.running.audit.note(
            AuditAction.SEARCH_ASKED,
            "-",
            private={"case": question.case, "keys": sorted(b64(b) for b in blinds)},
            purpose=question.purpose,
            basis=question.legal_basis,
            families=families,
            asked=[str(p) for p in plan.asked],
            edition=plan.edition.hash,
        )
        note_question(register, work, caller, question, UUID(search_id), families, [str(p) for p in plan.asked], keys)
    made = _make_tokens(register, caller, question, keys, search_id)
    tokens, why = (None, made) if isinstance(made, Pending) else (made, None)
    mirror = _look_up(register, plan.asked, tokens) if tokens else None
    with register.work(caller) as work:
        by_key = _pepper_tokens(register, keys, tokens) if tokens else {}
        own, found = own_answer(work, plan, blinds, by_key)
        answers, abroad = _collect_answers(register, work, plan, {p: k.family for k, p in by_key.items()}, mirror, why)
        found |= {key for key, peppered in by_key.items() if peppered in abroad}
        work.running.audit.note(
            AuditAction.SEARCH_ANSWERED,
            search_id,
            own=len(own.signals),
            answers={a.country: a.answer for a in answers},
            hits={a.country: [str(h.record) for h in a.hits] for a in answers if a.hits},
            degraded=bool(mirror and mirror.degraded),
        )
        shown = [hit.record for answer in answers for hit in answer.hits]
        work.search.budgets.note_shown(caller.actor, shown, register.today())
        missed = sum(found.isdisjoint(keys_of_one) for keys_of_one in values)
        note_answer(
            register, work, caller, question, UUID(search_id), own=len(own.signals), answers=answers,
            asked=len(values), missed=missed,
        )  # fmt: skip
    degraded = bool(mirror and mirror.degraded)
    return SearchOut(
        id=search_id,
        asked_at=asked_at,
        case=question.case,
        edition=plan.edition.id,
        simulated=question.simulate_edition is not None,
        degraded=degraded,
        modes_off=MODES_OFF_DEGRADED if degraded else (),
        asked_with=readings,
        cannot_find=cannot_find(question.subject, readings),
        own=own,
        countries=tuple(answers),
    )


def _make_tokens(
    register: Register, caller: Caller, question: SearchIn, keys: Sequence[MatchKey], search_id: str
) -> list[bytes] | Pending:
    """The pseudonyms of the question's keys, in order; where one is missing, why."""
    if register.evaluators is None:
        return Pending(())
    ask = partial(_ask_evaluators, register, caller, question, UUID(search_id))
    found = dict(zip(keys, ask(keys), strict=True))
    if any(isinstance(one, Pending) and one.limit for one in found.values()):
        found = _on_tickets(register, caller, ask, found)
    missing = [one for one in found.values() if isinstance(one, Pending)]
    if missing:
        return max(missing, key=_how_long)
    return [one.value for key in keys if isinstance(one := found[key], Token)]


def _how_long(one: Pending) -> tuple[bool, float]:
    """Of several that are full the one that is so the longest is told: at an earlier slot the question is refused."""
    return one.limit is not None, 0.0 if one.retry_at is None else one.retry_at.timestamp()


def _on_tickets(
    register: Register, caller: Caller, ask: Ask, refused: dict[MatchKey, Token | Pending]
) -> dict[MatchKey, Token | Pending]:
    """The answers with what own tickets to search give: each class by itself, freely where that has room.

    Where a class has none and no ticket either nothing is asked: a part of a question is no answer, and would cost.
    """
    classes: dict[str, list[MatchKey]] = {}
    for key in refused:
        classes.setdefault(key.selector_class, []).append(key)
    search = EvaluationPurpose.SEARCH
    if not any(tickets_with_room(register, caller.function, search, name) for name in classes):
        return refused
    found = dict(refused)
    if len(classes) > 1:
        for theirs in classes.values():
            found |= in_parts(theirs, ask)
    return {**found, **ask_on_tickets(register, caller.function, search, found, ask)}


def _ask_evaluators(
    register: Register,
    caller: Caller,
    question: SearchIn,
    made: UUID,
    keys: Sequence[MatchKey],
    ticket: UUID | None = None,
) -> list[Token | Pending]:
    """Ask the evaluators in one request; what is asked is part of its name, since a part is a question of its own."""
    work = f"search/{made}/{hash_keys(register, keys)}".encode()
    asking = Asking(
        request_id=register.keys.evaluation_id(work, made),
        country=register.partition,
        purpose=EvaluationPurpose.SEARCH,
        organisation=caller.organisation or "none",
        actor=register.keys.hide_actor(caller.actor),
        legal_basis=question.legal_basis,
        case_reference=b64(register.keys.hide_case(question.case)),
    )
    secret = register.keys.evaluation_secret(work)
    return ask_evaluators(register, caller.function, keys, asking, about=made, secret=secret, ticket=ticket)


def _pepper_tokens(register: Register, keys: Sequence[MatchKey], tokens: Sequence[bytes]) -> dict[MatchKey, str]:
    """Match key -> its key in this host's mirror."""
    peppers = Peppers(*register.keys.peppers)
    return {k: str(peppers.peppered(t)) for k, t in zip(keys, tokens, strict=True)}


def _look_up(register: Register, asked: tuple[Partition, ...], tokens: Sequence[bytes]) -> _Mirror:
    """Ask the engine; what it cannot answer is left to PostgreSQL."""
    if register.index is None or register.breaker.open:
        return _Mirror(frozenset(), left=asked)
    try:
        found = register.index.match(Scope(register.partition, asked), tokens)
    except (EngineUnavailable, EngineRefused, IndexMissing) as error:
        register.breaker.failed()
        logger().warning("engine.not-asked", partition=register.partition, code=error.code)
        return _Mirror(frozenset(), left=asked)
    register.breaker.succeeded()
    handles = [h.handle for a in found for h in a.hits]
    with register.work(system(register.partition, "api")) as work:
        resolved = work.search.keys.resolve(handles)
    return _Mirror(
        frozenset(resolved.values()),
        left=tuple(a.origin for a in found if not a.computed),
        crowded=tuple((a.origin, token) for a in found for token, n in a.totals.items() if n > HITS_PER_TOKEN),
    )


def _collect_answers(
    register: Register, work: Work, plan: Plan, peppered: dict[str, str], mirror: _Mirror | None, why: Pending | None
) -> tuple[list[CountryAnswer], set[str]]:
    """What each country answers, and the keys by which something of them is shown."""
    now = register.clock.now()
    limit = timedelta(seconds=register.settings.sync.head_stale_after_s)
    stale = work.exchange.cursors.out_of_date(plan.asked, now=now, after=limit)
    if mirror is None:
        computed: dict[Partition, CountryAnswer] = {}
        found: set[str] = set()
    else:
        computed, found = _compute_answers(register, work, plan, peppered, mirror, stale)
    answers = []
    for country in others(register.partition):
        if country in plan.refused:
            answers.append(not_asked(country, plan.refused[country]))
        elif country in computed:
            answers.append(computed[country])
        else:
            answers.append(not_computed(country, stale.get(country), None if why is None else limit_told(why)))
    return answers, found


def _compute_answers(
    register: Register,
    work: Work,
    plan: Plan,
    peppered: dict[str, str],
    mirror: _Mirror,
    stale: Mapping[Partition, OutOfDate],
) -> tuple[dict[Partition, CountryAnswer], set[str]]:
    keys = list(peppered)
    carriers = work.search.keys.carriers(keys)
    df = {
        country: {key: count_carriers(by_origin, {country}) for key, by_origin in carriers.items()}
        for country in plan.asked
    }
    families: dict[str, set[str]] = {}
    for key, family in peppered.items():
        families.setdefault(family, set()).add(key)
    exact = work.search.keys.find(keys, mirror.left, most=HITS_PER_TOKEN)
    peppers = Peppers(*register.keys.peppers)
    for origin, token in mirror.crowded:
        # Few records can hold a value in many subjects: it is rare all the same, and none of them may be left out.
        if df[origin].get(key := str(peppers.peppered(token)), 0) <= DF_MAX:
            exact += work.search.keys.find([key], [origin], most=HITS_PER_TOKEN)
    subjects = mirror.subjects | {(s.origin, s.record, s.subject) for s in exact}
    candidates = _read_candidates(register, work, plan, subjects)
    # Of the whole country, whatever was asked: a count of those that match would tell of records that are not to be
    # shown to this asker, and one whose search keys are lost matches nothing.
    unreadable = work.exchange.damages.count_received()
    answers: dict[Partition, CountryAnswer] = {}
    found: set[str] = set()
    for country in plan.asked:
        common = {
            k: c
            for k in keys
            if df[country][k] > DF_MAX
            for origin, c in work.search.keys.common(k).items()
            if origin is country
        }
        told = [
            CommonOut(family=peppered[k], records=c.records, month_from=c.first, month_to=c.last)
            for k, c in common.items()
        ]
        own = [c for c in candidates if c.held.origin is country]
        answers[country] = answer_of(
            country,
            Question(families, df[country]),
            own,
            told,
            stale=stale.get(country),
            unreadable=unreadable.get(country, 0),
        )
        shown = {hit.record for hit in answers[country].hits}
        found.update(common, *(of for c in own if c.held.object in shown for of in c.families.values()))
    return answers, found & set(keys)


def _read_candidates(
    register: Register, work: Work, plan: Plan, subjects: Iterable[tuple[Partition, UUID, int]]
) -> list[Candidate]:
    """Read every hit again: live, this version, and visible to this asker under these rules."""
    by_origin: dict[Partition, set[UUID]] = {}
    for origin, record, _ in subjects:
        if origin in plan.asked:
            by_origin.setdefault(origin, set()).add(record)
    today = register.today()
    found = []
    for origin, records in by_origin.items():
        held, damaged = work.exchange.held.try_open(origin, sorted(records))
        if damaged:
            work.exchange.damages.note(Stored.RECEIVED, origin, [str(one) for one in damaged])
        rows = work.search.keys.of_records(origin, sorted(records))
        for record, extract in held.items():
            decision = plan.may_see(terms_of(extract), today=today)
            if not decision.allowed:
                continue
            for n in sorted({s for o, r, s in subjects if o is origin and r == record}):
                families: dict[str, set[str]] = {}
                for row in rows[record]:
                    if row.subject == n:
                        families.setdefault(row.family, set()).add(row.key)
                if families:
                    found.append(Candidate(extract, n, families, decision))
    return found
