"""Records that the statistics count, entered through the services: interviews, trainings, persons on the ladder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.desk.intake import IntakeId
from register.domain.desk.training import TrainingId
from register.domain.signals.signal import SignalId
from register.services.desk.keep_intakes import record_intake
from register.services.desk.keep_trainings import record_training
from register.services.desk.keep_victims import put_on_ladder
from register.services.signals.change_signal import refer_signal
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition, code_list
from schemas.desk.intake import IntakeIn
from schemas.desk.training import TrainingIn
from schemas.desk.victim import StatusIn, VictimIn
from schemas.signals.changes import ReferIn
from tests.support.forms import a_form
from tests.support.web.pages import Pages

AW: Final = Partition.AW
Person = Mapping[str, str]


def key(register: Register) -> str:
    return str(register.clock.new_id())


def interview(register: Register, by: Caller, day: date, **parts: str) -> IntakeId:
    form = IntakeIn.model_validate({"held_on": day, "sex": "FEMALE", "age_band": "30-39", "nationality": "CO"} | parts)
    return IntakeId(record_intake(register, by, form, key(register)).id)


def trained(
    register: Register, by: Caller, kind: str, group: str, number: int, *, recipient: str, provider: str = "AW",
    day: str = "2023-05-04",
) -> TrainingId:  # fmt: skip
    form = TrainingIn.model_validate(
        {
            "kind": kind, "group": group, "people": number, "recipient": recipient, "provider": provider,
            "held_on": day,
        }
    )  # fmt: skip
    return TrainingId(record_training(register, by, form, key(register)).id)


def on_ladder(register: Register, by: Caller, person: Person, day: date) -> None:
    """A submission with the person as its subject, and the person's status."""
    form = a_form(
        received_on=day, period={"from": day}, subjects=[{"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person"}]
    )
    submitter = Caller(
        partition=AW, function="api", kind="person", actor="loader", organisation="AW-DIMAS",
        tasks=frozenset({Task.SUBMIT}),
    )  # fmt: skip
    signal = record_signal(register, submitter, form, key(register))
    status = StatusIn.model_validate(
        {"status": person["status"], "form": person["form"], "decided_on": day, "reason": "As told."}
    )
    victim = VictimIn(
        signal=signal.id, subject=1, sex=person["sex"], age_band=person["age"], nationality=person["nationality"],
        status=status,
    )  # fmt: skip
    put_on_ladder(register, by, victim, key(register))


def count_everything(pages: Pages) -> None:
    """Aruba in 2022 and 2023: a record of every kind that a table counts, in as many rows as there are."""
    register, world = pages[AW].register, pages.world
    unit, umm = world.caller("AW-JIUMM", Task.ENRICH, Task.REGISTER, Task.SUBMIT), world.caller("AW-UMM", Task.ENRICH)
    keeper = world.caller("AW-CMMA", Task.STATISTICS)
    sexes, ages = ("FEMALE", "MALE", "UNKNOWN"), list(code_list("age_band").codes)
    forms = list(code_list("exploitation_form").codes)
    for n in range(24):
        day = date(2022 + n % 2, 1 + n % 12, 1 + n)
        person = {"sex": sexes[n % 3], "age": ages[n % len(ages)], "nationality": ("CO", "VE", "AW", "DO")[n % 4]}
        interview(register, unit, day, sex=person["sex"], age_band=person["age"], nationality=person["nationality"])
        status = ("POTENTIAL", "PRESUMED", "CONFIRMED", "NOT")[n % 4]
        on_ladder(register, umm, {**person, "status": status, "form": forms[n % len(forms)]}, day)
    for n, group in enumerate(code_list("training_group").codes):
        for kind in ("AWARENESS", "SKILLS"):
            trained(register, keeper, kind, group, 10 + n, recipient="AW", day=f"{2022 + n % 2}-05-04")
    signal = record_signal(register, unit, a_form(), key(register))
    for version, kind in enumerate(("assistance", "investigation"), start=1):
        refer_signal(register, unit, SignalId(signal.id), ReferIn(kind=kind, to="AW-VICTIM"), version=version)
