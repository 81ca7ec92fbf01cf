"""Step 4: the exchange comes to rest, and what must stay at home has stayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from register.domain.partition import PARTITIONS
from rtr_trial.demo.scene import Scene
from rtr_trial.demo.telling import Step, same, true
from schemas.codes import Partition
from schemas.exchange.partners import PartnerOut, PartnersOut

AT_REST_S: Final = 240.0
BECAUSE: Final[Mapping[str, str]] = {
    "theme": "WPG10B-1",
    "minor": "MINOR-1",
    "victim": "KEYS-1",
    "prosecutor": "GATE-1",
}
"""The rule of edition `demo` behind each reason to keep a signal at home."""


def exchanged(scene: Scene, step: Step) -> None:
    """Every pair of countries holds the same of every log, by the receivers' own signed receipts."""
    at_rest, pairs = wait_for_rest(scene, "Exchanging")
    status = {country: scene.unit(country).partners() for country in scene.countries}
    sent = {(own, p.partner): p for own, found in status.items() for p in found.partners}
    shared = _shared(scene)
    step.say(
        f"Exchange: {at_rest} of {pairs} logs equal on both sides, every receipt signed",
        same("pairs of countries", len(sent), len(PARTITIONS) * (len(PARTITIONS) - 1)),
        same("logs not equal", reasons(status), {}),
        same(
            "acknowledged up to the end",
            {_pair(k): p.sent.acknowledged_to for k, p in sent.items()},
            {_pair(k): p.sent.tip for k, p in sent.items()},
        ),
        true(
            "entries for everything that may go",
            all(p.sent.tip >= shared[own] > 0 for (own, _), p in sent.items()),
            {_pair(k): p.sent.tip for k, p in sent.items()},
        ),
        same("pairs without a receipt", sorted(_pair(k) for k, p in sent.items() if not p.sent.last_receipt_at), []),
        same("entries refused", sum(len(p.received.refused) for p in sent.values()), 0),
    )
    _kept_home(scene, step)


def wait_for_rest(scene: Scene, what: str) -> tuple[int, int]:
    """Wait until no work waits and every pair has converged; return how many pairs have, of how many."""
    return scene.wait(what, lambda: _at_rest(scene), most_s=AT_REST_S)


def reasons(status: Mapping[Partition, PartnersOut]) -> dict[str, list[str]]:
    """Why a log is not equal on both sides yet, by pair."""
    found = {(own, p.partner): p for own, told in status.items() for p in told.partners}
    return {_pair(k): list(p.sent.reasons) or ["unknown"] for k, p in found.items() if not p.sent.converged}


def to_partner(found: PartnersOut, partner: Partition) -> PartnerOut:
    """How it stands with one partner."""
    return next(p for p in found.partners if p.partner is partner)


def _at_rest(scene: Scene) -> tuple[int, int]:
    """Pairs that have converged, of all; a country with work to do counts as none of its own.

    Asked one after the other, so once all have converged all are asked again whether work waits: what the last one
    sent since the first was asked may still wait for the first one's index.
    """
    wanted = len(scene.countries) * (len(PARTITIONS) - 1)
    done = sum(_converged(scene, country) for country in scene.countries)
    return (done if done < wanted else sum(_converged(scene, country) for country in scene.countries)), wanted


def _converged(scene: Scene, country: Partition) -> int:
    unit = scene.unit(country)
    if sum(unit.ready().waiting.values()):
        return 0
    found = unit.partners()
    return 0 if found.index_waiting else sum(p.sent.converged for p in found.partners)


def _shared(scene: Scene) -> Counter[Partition]:
    home = {kept.signal for kept in scene.expected.kept_home}
    return Counter(one.country for one in scene.signals if one.key not in home)


def _kept_home(scene: Scene, step: Step) -> None:
    expected = {kept.signal: kept.because for kept in scene.expected.kept_home}
    decided = scene.each(
        "Reading what was decided", scene.signals, lambda one: scene.unit(one.country).sharing(scene.sent[one.key].id)
    )
    recipients = {
        one.key: {s.recipient for s in found if s.allowed} for one, found in zip(scene.signals, decided, strict=True)
    }
    rules = {
        one.key: {rule for s in found for rule in s.rules} for one, found in zip(scene.signals, decided, strict=True)
    }
    home = {key for key, allowed in recipients.items() if not allowed}
    everywhere = {key for key, allowed in recipients.items() if len(allowed) == len(PARTITIONS) - 1}
    kinds = Counter(because for key, because in expected.items() if key in home and BECAUSE[because] in rules[key])
    wanted = Counter(expected.values())
    step.say(
        f"kept at home: {kinds['theme']} theme records NL (10(1)(b) never leaves) · {kinds['minor']} minors AW · "
        f"{kinds['victim']} BQ house (only victims' keys) · {kinds['prosecutor']} BES waiting for its prosecutor",
        same("kept at home", home, set(expected)),
        same("to all four partners", everywhere, set(recipients) - set(expected)),
        same("by their rules", dict(kinds), dict(wanted)),
        same(
            "whose",
            {why: {scene.signal(key).country for key, because in expected.items() if because == why} for why in wanted},
            {"theme": {"NL"}, "minor": {"AW"}, "victim": {"BQ"}, "prosecutor": {"BQ"}},
        ),
    )


def _pair(key: tuple[Partition, Partition]) -> str:
    return f"{key[0]}->{key[1]}"
