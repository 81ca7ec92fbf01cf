"""Turns match keys into tokens: one's own share and two partners', each proven, combined.

The partners see blinded elements only; this side sees no share but its own. Three equal things in, one token out,
whichever countries answered. It keeps nothing: storing tokens and trying again what is pending are the caller's.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from register.pseudonyms.asker import (
    DEFAULT_SETTINGS,
    PARTNERS_NEEDED,
    Asker,
    ClientSettings,
    Elements,
    OnAnswers,
    OnFault,
)
from register.pseudonyms.errors import InvalidInput, OverQuota, TooManyAtOnce, TooManyKeys, UnknownKey
from register.pseudonyms.evaluators import Evaluators
from register.pseudonyms.matchkeys import MatchKey
from register.pseudonyms.oprf.group import Element, Scalar, ristretto255
from register.pseudonyms.oprf.threshold import PublicShares, combine
from register.pseudonyms.oprf.voprf import VOPRF
from schemas.codes import Partition
from schemas.exchange.evaluation import KEYS_MAX, Asking, Batch, EvaluationBody, EvaluationRequest

TOKEN_BYTES = 32
SECRET_BYTES = 32
_BLIND_INFO = b"rtr-blind-v1"
_FIRST_BLOCK = b"\1"


@dataclass(frozen=True, slots=True)
class Token:
    """A pseudonym: equal in all five countries for equal match keys of one family, version and epoch."""

    family: str
    version: int
    epoch: int
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """No token yet: fewer than two partners answered. In a search this is "not computed", never "no hit".

    Attributes:
        unanswered: the partners that were asked in vain, in the order of asking.
        retry_at: when as many partners as are missing have room again, where quotas were used up.
        limit: code of the limit, where enough partners could be reached and refused by one; None where too few could.
    """

    unanswered: tuple[Partition, ...]
    retry_at: datetime | None = None
    limit: str | None = None


def pseudonymise(
    keys: Sequence[MatchKey],
    evaluators: Evaluators,
    *,
    request: Asking,
    epochs: Mapping[str, int],
    secret: bytes,
    issued: datetime,
    settings: ClientSettings = DEFAULT_SETTINGS,
    on_fault: OnFault | None = None,
    on_answers: OnAnswers | None = None,
    ticket: UUID | None = None,
) -> list[Token | Pending]:
    """Return one token for each match key, in order, or `Pending` where fewer than two partners answered.

    A token is the first 32 bytes of the VOPRF output of RFC 9497; equal keys give equal tokens in all five countries.

    Args:
        keys: at most 1,000, canonical (see `matchkeys`), of any classes.
        evaluators: this country's share and the way to the other four.
        request: who asks and why; repeats with the same id, keys and secret send the same body and are harmless.
        epochs: the epoch in force for each selector class among the keys.
        secret: 32 random bytes made for this request; all blinds follow from it.
        issued: the present time.
        settings: how many partners are asked, and how long they are waited for.
        on_fault: told of every partner that failed, lied or refused. If it is given, a country that answers falsely
            is left out and another asked; if not, the first false answer is raised.
        on_answers: told which partners gave a proven answer, also where they were too few.
        ticket: on which the keys count where the evaluators' limits have no room.

    Raises:
        BadAnswer: an evaluator's answer does not fit the question; names the country.
        FalseProof: an evaluator answered with a proof that does not hold; names the country.
        TooManyKeys: more than 1,000 keys.
        UnknownKey: a class has no epoch, or this country holds no share for it.
        Unreachable: this country's own evaluator is down.

    Rule: EXCHANGE-2, pseudonyms only between partners. Cost: about 1 ms of CPU a key, over all roles.
    """
    if not keys:
        return []
    if len(keys) > KEYS_MAX:
        raise TooManyKeys(f"{len(keys)} keys in one request; at most {KEYS_MAX}", most=KEYS_MAX)
    question = _Question.of(keys, epochs, Blinds(secret))
    publics = {key_id: evaluators.public(key_id) for key_id in question.blinded}
    sent = question.request(request, publics, issued, settings.lifetime, ticket)
    with Asker(evaluators, sent, publics, settings, on_fault) as asker:
        own = {key_id: evaluators.evaluate_own(key_id, blinded) for key_id, blinded in question.blinded.items()}
        answers = asker.first_valid()
    if on_answers is not None:
        on_answers(answers.keys())
    if len(answers) < PARTNERS_NEEDED:
        unanswered = tuple(one for one in evaluators.partners() if one in asker.failed)
        reached = len(answers) + len(asker.limits) >= PARTNERS_NEEDED
        slot = _find_slot(asker.slots, PARTNERS_NEEDED - len(answers))
        return [Pending(unanswered, slot, _find_deciding_limit(asker.limits) if reached else None)] * len(keys)
    return list(question.tokens({evaluators.own: own, **answers}))


def in_parts(
    keys: Sequence[MatchKey],
    ask: Callable[[Sequence[MatchKey]], Sequence[Token | Pending]],
    *,
    at_most: int = KEYS_MAX,
) -> dict[MatchKey, Token | Pending]:
    """Have each key asked for once, all in one request where that is taken, and else in parts.

    Where a limit refuses, the classes are asked for one by one, since each has a limit of its own: a full book of one
    holds no key of another up. What is too much of one class at once is halved until it is taken. The parts follow
    from the keys alone, so that a repeat sends the same requests.

    Args:
        keys: of one record, of any classes.
        ask: one request (`pseudonymise`): as many answers as keys, all of them tokens or all of them pending.
        at_most: keys in one request, from 1 on; more are halved as if that had been refused, so that another figure
            next time asks for the same parts, or for halves of them.
    """
    once = list(dict.fromkeys(keys))
    waiting = [once[at : at + KEYS_MAX] for at in range(0, len(once), KEYS_MAX)]
    found: dict[MatchKey, Token | Pending] = {}
    while waiting:
        part = waiting.pop(0)
        if len(part) > max(1, at_most):
            waiting = [*_split_in_halves(part), *waiting]
            continue
        answers = ask(part)
        if smaller := _split_refused_request(part, answers):
            waiting = [*smaller, *waiting]
        else:
            found |= zip(part, answers, strict=True)
    return found


def _split_refused_request(part: list[MatchKey], answers: Sequence[Token | Pending]) -> list[list[MatchKey]]:
    """The parts of a request that a limit refused; none where no smaller one would be taken now."""
    limit = next((one.limit for one in answers if isinstance(one, Pending)), None)
    if limit is None:
        return []
    classes: dict[str, list[MatchKey]] = {}
    for key in part:
        classes.setdefault(key.selector_class, []).append(key)
    if len(classes) > 1:
        return list(classes.values())
    if limit == TooManyAtOnce.code and len(part) > 1:
        return _split_in_halves(part)
    return []


def _split_in_halves(part: list[MatchKey]) -> list[list[MatchKey]]:
    half = (len(part) + 1) // 2
    return [part[:half], part[half:]]


def _find_slot(slots: Sequence[datetime], missing: int) -> datetime | None:
    """When so many more partners have room: one alone that has it earlier makes no pseudonym."""
    return sorted(slots)[min(missing, len(slots)) - 1] if slots else None


def _find_deciding_limit(refused: Sequence[OverQuota | TooManyAtOnce]) -> str | None:
    """What decides when it is tried again: a size that is never taken, before a book that is full for a while."""
    too_many = next((one for one in refused if isinstance(one, TooManyAtOnce)), None)
    found = too_many or next(iter(refused), None)
    return None if found is None else found.code


@dataclass(frozen=True, slots=True)
class _Question:
    """The keys of one request, blinded and put in batches."""

    keys: Sequence[MatchKey]
    epochs: Mapping[str, int]
    places: Sequence[tuple[str, int]]  # for each key: its key id, and its place in that batch
    blinds: Sequence[Scalar] = field(repr=False)
    blinded: Elements

    @classmethod
    def of(cls, keys: Sequence[MatchKey], epochs: Mapping[str, int], source: Blinds) -> Self:
        batches: dict[str, list[Element]] = {}
        places: list[tuple[str, int]] = []
        blinds: list[Scalar] = []
        for position, key in enumerate(keys):
            key_id = _key_id(key, epochs)
            batch = batches.setdefault(key_id, [])
            blind = source.blind(position, key_id)
            places.append((key_id, len(batch)))
            blinds.append(blind)
            batch.append(VOPRF.blind(key.input, blind))
        return cls(keys, epochs, places, blinds, batches)

    def request(
        self,
        asking: Asking,
        publics: Mapping[str, PublicShares],
        issued: datetime,
        lifetime: timedelta,
        ticket: UUID | None,
    ) -> EvaluationRequest:
        batches = tuple(Batch(key_id=key_id, elements=tuple(found)) for key_id, found in self.blinded.items())
        return EvaluationRequest(
            body=EvaluationBody(**{name: getattr(asking, name) for name in Asking.model_fields}, batches=batches),
            issued=issued,
            expires=issued + lifetime,
            generations={key_id: public.generation for key_id, public in publics.items()},
            ticket=ticket,
        )

    def tokens(self, answers: Mapping[Partition, Elements]) -> Iterator[Token]:
        group = ristretto255()
        for key, (key_id, place), blind in zip(self.keys, self.places, self.blinds, strict=True):
            shares = {country: elements[key_id][place] for country, elements in answers.items()}
            element = combine(shares, group.scalar_invert(blind))
            value = VOPRF.output(key.input, element)[:TOKEN_BYTES]
            yield Token(key.family, key.version, self.epochs[key.selector_class], value)


def _key_id(key: MatchKey, epochs: Mapping[str, int]) -> str:
    epoch = epochs.get(key.selector_class)
    if epoch is None:
        raise UnknownKey(f"no epoch is in force for the class {key.selector_class}")
    return f"{key.selector_class}/e{epoch}"


class Blinds:
    """The blinds of one request, all from one secret (pseudonyms.md 2).

    A repeat of a request sends the same bytes, and a country's supervisor can later derive the blinds again from the
    sealed secret and check what was asked. A blind is
    HKDF-SHA-512(secret, salt "", info "rtr-blind-v1" || I2OSP(i, 4) || key id, 64 bytes) modulo the order.

    Args:
        secret: at least 32 random bytes, used for one request only, kept sealed as long as the request may be
            repeated or checked.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_BYTES:
            raise InvalidInput(f"expected a request secret of at least {SECRET_BYTES} bytes, got {len(secret)}")
        self._key = hmac.digest(bytes(hashlib.sha512().digest_size), secret, "sha512")

    def blind(self, position: int, key_id: str) -> Scalar:
        """The blind of the key at a position, counted from 0 over the whole request."""
        info = _BLIND_INFO + position.to_bytes(4, "big") + key_id.encode("ascii")
        # 64 bytes are one block of HKDF-Expand with SHA-512.
        return ristretto255().reduce(hmac.digest(self._key, info + _FIRST_BLOCK, "sha512"))
