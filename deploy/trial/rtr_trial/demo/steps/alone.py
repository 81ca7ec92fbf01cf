"""One country alone: what it has of its register before any partner is there."""

from __future__ import annotations

from typing import Final

from register.domain.partition import others
from rtr_trial.demo.scene import Scene
from rtr_trial.demo.steps.answers import own_signals
from rtr_trial.demo.steps.asking import own_guarantees
from rtr_trial.demo.telling import Step, holds_in, same, true
from schemas.codes import Partition
from schemas.search.question import Answer

PENDING: Final = "pending"


def asked_alone(scene: Scene, step: Step) -> None:
    """The own register answers; what the partners' part is, nobody can compute."""
    question = scene.expected.asked("a")
    found = scene.ask(question)
    step.say(
        f"Aruba's coordinator asks (case {question.case}): guarantor Zeno Testman, 3 Apr 1979",
        same("who asks", scene.as_(question.asker).me().country, Partition.AW),
    )
    own_guarantees(scene, step, question, found)
    answers = {one.country: one.answer for one in found.countries}
    step.say(
        f"   {scene.names(others(Partition.AW))}   not computed: they have not joined",
        same("the partners' part", answers, dict.fromkeys(others(Partition.AW), Answer.NOT_COMPUTED)),
        true("never a miss", all("not computed" in one.words.lower() for one in found.countries)),
    )
    call = scene.expected.asked("b")
    heard = scene.ask(call)
    step.say("   phone +1 721 555 0142: found in an own hotline call", *own_signals(scene, call, heard))


def partners_will_join(scene: Scene, step: Step) -> None:
    """What is registered now waits for its pseudonyms, and is exchanged when partners come."""
    unit = scene.unit(Partition.AW)
    read = scene.each("Reading", scene.signals, lambda one: unit.signal(scene.sent[one.key].id))
    waiting = [one for one in read if one.pseudonyms == PENDING]
    told = [line for one in waiting for line in one.next_steps]
    status = unit.partners()
    step.say(
        f"When two partners join: pseudonyms for {len(waiting)} signals, and nothing is entered again",
        true("signals wait", bool(waiting)),
        same("every other one has nothing to compute", {one.pseudonyms for one in read} - {PENDING}, {"none"}),
        holds_in("they say so", "partners follow once its pseudonyms have been computed", " ".join(told)),
    )
    step.say(
        "then come: hits across the countries, the exchange with its receipts, withdrawals that happen everywhere",
        same("heard from partners so far", [p.partner for p in status.partners if p.received.head_at is not None], []),
    )
