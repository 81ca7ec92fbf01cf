"""Who holds an extract is known from what was numbered and receipted, whatever somebody writes beside the program."""

from __future__ import annotations

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.signals.list_signals import list_signals
from register.services.signals.read_signal import read_dossier
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from tests.integration.exchange.net import Net
from tests.integration.exchange.sending.test_appender import AS_IT_IS, FORGED, as_the_pages
from tests.support.forms import a_form

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


def test_partner_is_counted_from_its_receipt_until_that_of_a_withdrawal_and_no_forged_draft_hides_it(
    trio: Net,
) -> None:
    here = trio[CW]
    unit = trio.world.caller("CW-KPC", Task.SUBMIT, Task.REGISTER)
    another = SignalId(record_signal(here.register, unit, a_form(), "another").id)
    about = SignalId(record_signal(here.register, unit, a_form(), "held").id)
    with here.register.work(here.caller()) as work:
        extract, other = (work.signals.reports.get(one).extract_id for one in (about, another))

    def holders() -> int:
        (one,) = list_signals(here.register, unit, filters={}, cursor=None, limit=1).items
        return one.held_by

    here.put(AW, SX, about=extract)
    here.append()
    assert holders() == 0
    trio[AW].pull_all(CW)
    trio[SX].pull_all(CW)
    assert holders() == 2
    for written in ({"type": "'indicator.retract'", "version": "version + 1"}, {"version": "2147483647"}):
        as_the_pages(trio, FORGED.format(**AS_IT_IS | written), o=extract)
    assert holders() == 2
    here.put(AW, about=other)
    here.append()
    here.retract(other, AW)
    here.append()
    trio[AW].pull_all(CW)
    assert holders() == 2, "what a partner was told later of another report hides none"
    told = read_dossier(here.register, unit, about).told
    assert sorted((one.partner, one.version, one.withdrawal) for one in told) == [(AW, 1, False), (SX, 1, False)]
    here.retract(extract, AW)
    here.append()
    assert holders() == 2
    trio[AW].pull_all(CW)
    assert holders() == 1
