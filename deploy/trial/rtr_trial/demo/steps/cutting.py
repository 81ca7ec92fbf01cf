"""Step 7: the cable of one country is cut; it goes on registering, the others say how old their part of it is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from register.domain.partition import others
from rtr_trial.demo.made_up.data import DemoSignal, signals_during_cut
from rtr_trial.demo.scene import Scene, answer_of
from rtr_trial.demo.stage.order import STALE_AFTER_S
from rtr_trial.demo.steps.exchanging import reasons, to_partner, wait_for_rest
from rtr_trial.demo.telling import Step, same, true
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.search.question import Answer, AskedSubject, HitOut, SearchIn, SearchOut
from schemas.signals.out import SignalOut
from schemas.signals.parts import SelectorIn, SubjectIn

STALE_S: Final = STALE_AFTER_S + 30.0
FRESH_S: Final = 60.0
ASKER: Final = "aw-coordinator"


def cable_cut(scene: Scene, step: Step) -> None:
    """Cut, register, ask; mend, catch up, ask again."""
    far = scene.expected.cut.country
    cable = scene.machine.cable
    cable.cut()
    try:
        cut_at = scene.clock.now()
        signals = signals_during_cut()
        sent = {one.key: scene.as_(one.organisation.lower()).submit_signal(one.form) for one in signals}
        at_home = [_at_home(scene, one) for one in signals]
        stale_at = _wait_until_stale(scene, far)
        known = scene.ask(scene.expected.asked("b"))
        pending = {key: scene.unit(far).signal(one.id).pseudonyms for key, one in sent.items()}
    finally:
        cable.mend()
    found = {hit.reference for own in at_home for hit in own.own.signals}
    step.say(
        f"Cable of Sint Maarten cut: {len(found)} reports still registered and found at home "
        '("pseudonym pending"); asked now,',
        same("registered", set(sent), set(scene.expected.cut.signals)),
        same("found at home", found, {one.reference for one in sent.values()}),
        same("pseudonyms", set(pending.values()), {"pending"}),
        same(
            "asked at home, the others are",
            {one.answer for own in at_home for one in own.countries},
            {Answer.NOT_COMPUTED},
        ),
    )
    part = answer_of(known, far)
    since = part.stale_since
    step.say(
        f"Sint Maarten's part says stale since {_time(since)}.",
        true("stale", since is not None),
        true("since before the question", since is not None and since <= known.asked_at, since),
        true("not from before the cut by more than a poll", _about(since, cut_at), [since, cut_at]),
        same("its status says so too", stale_at, True),
        same("what Aruba holds of it", _references(part.hits), _references(answer_of(scene.earlier["b"], far).hits)),
    )
    _mended(scene, step, far, sent, signals)


def _mended(
    scene: Scene, step: Step, far: Partition, sent: dict[str, SignalOut], signals: tuple[DemoSignal, ...]
) -> None:
    at_rest, pairs = wait_for_rest(scene, "Catching up")
    scene.wait("Hearing from Sint Maarten", lambda: (int(not _is_stale(scene, far)), 1), most_s=FRESH_S)
    unit = scene.unit(far)
    done = {key: unit.signal(one.id).pseudonyms for key, one in sent.items()}
    abroad = [_asked_by(scene, ASKER, LegalBasis.AW_NONPOLICE, one) for one in signals]
    parts = [answer_of(found, far) for found in abroad]
    extracts = Counter(hit.reference for part in parts for hit in part.hits)
    listed = Counter(one.reference for one in unit.signals(page_size=200))
    references = {one.reference for one in sent.values()}
    lost = references - set(extracts)
    double = {reference for reference, count in (extracts + listed).items() if count > 2 and reference in references}  # noqa: PLR2004 - once here, once there
    status = {country: scene.unit(country).partners() for country in scene.countries}
    known = answer_of(scene.ask(scene.expected.asked("b")), far)
    step.say(
        f"Cable back: caught up, {len(lost) or 'none'} lost, {len(double) or 'none'} double",
        same("logs equal", at_rest, pairs),
        same("logs not equal", reasons(status), {}),
        same("pseudonyms", set(done.values()), {"done"}),
        same("found from Aruba", dict(extracts), dict.fromkeys(references, 1)),
        same("each by one extract", [len(part.hits) for part in parts], [1] * len(parts)),
        same("in the register, once", {r: listed[r] for r in references}, dict.fromkeys(references, 1)),
        same("what Aruba knew, once", _references(known.hits), _references(answer_of(scene.earlier["b"], far).hits)),
        same("still stale", [c for c in others(far) if _is_stale(scene, far, at=c)], []),
    )


def _at_home(scene: Scene, one: DemoSignal) -> SearchOut:
    return _asked_by(scene, f"{one.country.lower()}-coordinator", LegalBasis.SX_NONPOLICE, one)


def _asked_by(scene: Scene, who: str, basis: LegalBasis, one: DemoSignal) -> SearchOut:
    """Ask for whoever or whatever a report is about."""
    question = SearchIn(
        purpose=Purpose.COORDINATE, legal_basis=basis, case="Z-2026-05", subject=_subject(one.form.subjects[0])
    )
    return scene.as_(who).search(question)


def _subject(one: SubjectIn) -> AskedSubject:
    selectors: tuple[SelectorIn, ...] = one.selectors
    return AskedSubject(name=one.name, birth=one.birth, nationality=one.nationality, selectors=selectors)


def _wait_until_stale(scene: Scene, far: Partition) -> bool:
    done, _ = scene.wait("Waiting for silence to show", lambda: (int(_is_stale(scene, far)), 1), most_s=STALE_S)
    return bool(done)


def _is_stale(scene: Scene, far: Partition, *, at: Partition = Partition.AW) -> bool:
    return to_partner(scene.unit(at).partners(), far).received.stale


def _about(since: datetime | None, cut_at: datetime) -> bool:
    return since is not None and abs((since - cut_at).total_seconds()) < STALE_S


def _references(hits: tuple[HitOut, ...]) -> list[str]:
    return sorted(hit.reference for hit in hits)


def _time(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%H:%M:%S} UTC"
