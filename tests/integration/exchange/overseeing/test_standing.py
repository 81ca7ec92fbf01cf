"""How it stands with all partners: read at once, and no more told than is known."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from api.cli.frame.check import Check
from api.cli.running.checks import all_checks
from api.cli.running.partner_checks import partner_checks
from register.core import Register
from register.domain.access.caller import Task
from register.settings import Settings
from schemas.codes import Partition
from sync.status import PartnerStatus, exchange_status
from tests.integration.exchange.net import Net
from tests.support.web.pages import Statements

AW, BQ, CW, NL, SX = Partition.AW, Partition.BQ, Partition.CW, Partition.NL, Partition.SX


def of(register: Register, partner: Partition) -> PartnerStatus:
    return next(p for p in exchange_status(register).partners if p.partner is partner)


def test_partner_that_is_only_behind_is_not_said_to_hold_something_else(trio: Net) -> None:
    trio[CW].put(AW, number=1)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].put(AW, number=2)
    trio[CW].append()

    assert of(trio[CW].register, AW).sent.not_converged == ("behind",)


def test_each_partner_is_told_apart_from_the_others(trio: Net) -> None:
    trio[CW].put(AW, number=1)
    trio[CW].put(AW, SX, number=2)
    trio[CW].put(SX, number=3, retain_until="2020-01-01")
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[SX].pull_all(CW)
    found = {p.partner: p for p in exchange_status(trio[CW].register).partners}

    assert {partner: p.sent.not_converged for partner, p in found.items()} == {
        AW: (),
        BQ: (),
        NL: (),
        SX: ("quarantine",),
    }
    assert {partner: p.sent.tip for partner, p in found.items()} == {AW: 2, BQ: 0, NL: 0, SX: 2}
    assert [(p.partner, p.received.last_success_at) for p in found.values() if p.received.last_success_at] == []


def test_how_it_stands_with_four_partners_takes_two_statements(trio: Net) -> None:
    """The page that shows it may ask the database six times in all."""
    trio[CW].put(AW, SX)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[SX].pull_all(CW)
    register, said = trio[CW].register, Statements()
    caller = trio.world.caller("CW-KPC", Task.REGISTER)
    engine = register.database._engine("api")
    exchange_status(register, caller)
    sa.event.listen(engine, "before_cursor_execute", said)
    try:
        exchange_status(register, caller)
    finally:
        sa.event.remove(engine, "before_cursor_execute", said)

    assert said.count == 2


def roster_check(settings: Settings, country: Partition = AW) -> Check:
    return next(one for one in all_checks(settings) if one.name == f"roster {country}")


def test_doctor_says_whether_the_node_has_the_roster_that_it_pins(trio: Net) -> None:
    pinned = trio[AW].register.settings
    found = roster_check(pinned)
    assert (found.ok, found.detail) == (True, "roster 1 is the pinned one, and AW takes part")


def test_doctor_tells_whoever_has_no_pin_or_another_what_to_do(trio: Net) -> None:
    pinned = trio[AW].register.settings
    without = roster_check(replace(pinned, sync=replace(pinned.sync, roster_sha256="")))
    other = roster_check(replace(pinned, sync=replace(pinned.sync, roster_sha256="00" * 32)))

    assert (without.ok, other.ok) == (False, False)
    assert "`sync.roster_sha256`" in without.fix
    assert "compare its hash" in other.fix
    assert not without.needed, "a trial begins without a roster"
    assert roster_check(replace(pinned, env="production")).needed


def test_doctor_says_of_the_roster_and_of_the_ways_to_the_partners_under_names_of_their_own(trio: Net) -> None:
    """A program that looks a check up by its name would take the one for the other."""
    settings = trio[AW].register.settings
    partners = next(partner_checks(settings, AW))
    assert partners.detail == "2 partners"
    assert partners.name != roster_check(settings).name
