"""What Aruba was told in two years, for tests of its figures: made up, small, with every kind of row."""

from __future__ import annotations

from typing import Final

from register.domain.access.caller import Task
from register.services.signals.record_signal import record_signal
from tests.support.forms import a_form
from tests.support.web.pages import AW, Pages

NOTIFIED: Final = {
    2022: [("CITIZEN", "PHONE", "HT"), ("GOV_DEPT", "EMAIL", "UNDETERMINED"), ("GOV_DEPT", "WHATSAPP", "MS")],
    2023: [
        *[("CITIZEN", "PHONE", "HT")] * 6,
        ("VICTIM", "HOTLINE_24_7", "HT_MS"),
        ("SCHOOL", "EMAIL", "UNDETERMINED"),
        ("GOV_DEPT", "EMAIL", "UNDETERMINED"),
    ],
}


def notify(pages: Pages) -> None:
    """Aruba was told nine times in 2023 and three times in 2022; once in 2023 by somebody without a name."""
    contact = pages.world.caller("AW-CMMA", Task.SUBMIT, Task.REGISTER)
    register = pages[AW].register
    for year, reports in NOTIFIED.items():
        for number, (source, channel, kind) in enumerate(reports):
            form = a_form(
                kind="notification",
                source=source,
                channel=channel,
                signal_type=kind,
                received_on=f"{year}-03-0{number + 1}",
                period={"from": f"{year}-03-01"},
                reporter_anonymous=(year, number) == (2023, 0),
                nothing_known=True,
                account=f"Told in call {number + 1} of the year.",
                subjects=[],
                selectors=[],
            )
            record_signal(register, contact, form, str(register.clock.new_id()))
