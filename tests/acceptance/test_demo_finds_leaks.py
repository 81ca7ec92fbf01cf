"""The demo's search for planted names finds one wherever it lies: else "0 found" would say nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from rtr_trial.demo.scene import Scene
from rtr_trial.demo.stage.folder import folder_at
from rtr_trial.demo.stage.machine import Machine, running
from rtr_trial.demo.stage.order import Order
from rtr_trial.demo.steps.looking import planted_names_looked_for
from rtr_trial.demo.telling import Step
from schemas.codes import Partition
from tests.support.started.run import passing_folder

pytestmark = pytest.mark.slow

FEW = 3
NAME, NUMBER, DOCUMENT = "Zeno Testman", "+17215550142", "ZZ0000017"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with passing_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def scene(place: Path) -> Iterator[Scene]:
    order = Order(folder=folder_at(place / "demo"), countries=(Partition.AW,))
    with running(order, lambda _: None) as machine:
        made = Scene(machine, lambda *_: None)
        # A few reports give the node something to log, to index and to keep; the whole story looks through all of them.
        for one in made.signals[:FEW]:
            made.sent[one.key] = made.as_(one.organisation.lower()).submit_signal(one.form)
        yield made


def found(scene: Scene) -> list[str]:
    """What the step finds."""
    step = Step(8)
    planted_names_looked_for(scene, step)
    return list(next(check.got for check in step.checks if check.what == "found"))


def into_a_log(machine: Machine) -> None:
    with machine.folder.node_log.open("a", encoding="utf-8") as log:
        log.write(f'{{"event": "search.asked", "name": "{NAME}"}}\n')


def into_a_table(machine: Machine) -> None:
    psql = str(machine.postgres.binaries.program("psql"))
    for statement in (
        f"CREATE TABLE leak AS SELECT '{NUMBER}'::text AS plain",
        f"CREATE TABLE leak_of_bytes AS SELECT convert_to('{DOCUMENT}', 'UTF8') AS bytes",
    ):
        subprocess.run([psql, "-qc", statement], env=machine.psql_environment(), check=True)


def into_the_index(machine: Machine) -> None:
    with httpx2.Client(base_url=machine.engine.url, trust_env=False) as engine:
        engine.put("/rtr-aw-aw-leak").raise_for_status()
        engine.put("/rtr-aw-aw-leak/_doc/1?refresh=true", json={"reference": NAME}).raise_for_status()


def test_a_planted_name_is_found_wherever_it_leaks(scene: Scene) -> None:
    assert found(scene) == []
    into_a_log(scene.machine)
    assert found(scene) == [f"{NAME} in node.log"]
    into_a_table(scene.machine)
    assert found(scene) == sorted([f"{NUMBER} in the tables", f"{NAME} in node.log", f"{DOCUMENT} in the tables"])
    into_the_index(scene.machine)
    assert f"{NAME} in rtr-aw-aw-leak" in found(scene)
