"""Step 8: every planted name and number is looked for where none may be, after it was found where it must be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from register import bootstrap
from register.domain.access.caller import system
from register.domain.running.audit_action import AuditAction
from rtr_trial.demo.made_up.data import canaries, signals_during_cut
from rtr_trial.demo.operator import Operator
from rtr_trial.demo.scene import Scene
from rtr_trial.demo.telling import Step, same, true
from schemas.codes import Partition
from schemas.exchange.wire import document

_RECORDS: Final = """
SELECT partner, object FROM rtr.received_record WHERE country = :'host' AND live AND body_sealed IS NOT NULL
"""


def planted_names_looked_for(scene: Scene, step: Step) -> None:
    """In the index, the opened pages, the logs and the plain columns."""
    planted = canaries()  # as typed, and numbers without their spaces too
    different = {one.replace(" ", "") for one in planted}
    owned = _as_owners_read_them(scene)
    known = {one for one in planted if one in owned or one in owned.replace(" ", "")}
    places = list(_places(scene))
    kinds = {kind for kind, _, _ in places}
    found = sorted({f"{one} in {where}" for _, where, text in places for one in planted if one in text})
    sizes = {kind: sum(len(text) for k, _, text in places if k == kind) for kind in sorted(kinds)}
    references = {one.reference for one in scene.sent.values()}
    dumped = next(text for kind, _, text in places if kind == "plain columns")
    opened = [text for kind, _, text in places if kind == "opened pages"]
    indexed = "\n".join(text for kind, _, text in places if kind == "index")
    step.say(
        f"Looked for {len(different)} planted names and numbers in index, opened pages, logs, plain columns: "
        f"{len(found)} found",
        same("found", found, []),
        true("at least 40 are looked for", len(different) >= 40, len(different)),  # noqa: PLR2004 - as the story promises
        same("places looked at", kinds, {"index", "opened pages", "logs", "plain columns"}),
        true("none of them empty", all(sizes.values()), sizes),
    )
    step.say(
        f"(before that, {'all' if len(known) == len(planted) else len(known)} found where they must be: in the signals "
        "as their owners read them)",
        same("not found where they must be", sorted(set(planted) - known), []),
        true("every signal is in the plain columns, by its reference", all(r in dumped for r in references)),
        true("and in the index, but the one withdrawn", _missing(scene, indexed) == [], _missing(scene, indexed)),
        true("extracts were opened in every country", len(opened) == len(scene.countries) and all(opened)),
    )


def _missing(scene: Scene, indexed: str) -> list[str]:
    live = [one.reference for one in scene.sent.values() if one.withdrawn_at is None]
    return sorted(reference for reference in live if reference not in indexed)


def _as_owners_read_them(scene: Scene) -> str:
    """All signals, as the register unit of each country reads them: names, numbers and all."""
    references = [
        (country, one.id) for country in scene.countries for one in scene.unit(country).signals(page_size=200)
    ]
    read = scene.each("Reading as owners", references, lambda one: scene.unit(one[0]).signal(one[1]))
    total = len(scene.sent) + len(signals_during_cut())
    text = "\n".join(one.model_dump_json() for one in read)
    return text if len(read) >= total - 1 else ""


def _places(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """Kind, name and text of each place where nothing planted may be."""
    look = Operator(scene.machine)
    for name in look.indexes():
        yield "index", name, json.dumps(look.documents(name), ensure_ascii=False)
    for country in scene.countries:
        yield "opened pages", f"what {country} received", _opened(scene, country)
    for name, text in look.logs():
        yield "logs", name, text
    yield "plain columns", "the tables", look.dump()


def _opened(scene: Scene, country: Partition) -> str:
    """Every extract that a country holds of others, opened."""
    held: dict[Partition, list[UUID]] = {}
    for partner, record in Operator(scene.machine).rows(_RECORDS, host=str(country)):
        held.setdefault(Partition(partner), []).append(UUID(record))
    register = bootstrap.open(scene.machine.settings, country)
    try:
        with register.work(system(register.partition, "worker")) as work:
            extracts = [
                one for origin, records in held.items() for one in work.exchange.held.open(origin, records).values()
            ]
            work.running.audit.note(AuditAction.RECORD_OPENED_BY_OPERATOR, "-", count=len(extracts))
    finally:
        register.close()
    return "\n".join(json.dumps(document(one.put), ensure_ascii=False) for one in extracts)
