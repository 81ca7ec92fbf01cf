"""Step 9: the owner's own table of 2023 gives the figures of the printed report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rtr_trial.demo.made_up.data import AnnualReport
from rtr_trial.demo.scene import Scene
from rtr_trial.demo.telling import Step, same, true
from schemas.codes import Partition, SignalState
from schemas.signals.out import SignalOut
from schemas.statistics.owner import OwnerStatistics

STATISTICIAN: Final = "aw-statistics"
TABLES: Final = ("source", "channel", "signal_type")
_FORWARDED: Final = (
    (SignalState.REGISTERED, "Looked at by the register unit."),
    (SignalState.FORWARDED, "To the joint intelligence unit."),
)
_SOURCES: Final = {
    "CITIZEN": "citizens",
    "GOV_DEPT": "government",
    "NGO_IO": "NGO/IO",
    "SCHOOL": "school",
    "PRIVATE_SECTOR": "private sector",
}
_CHANNELS: Final = {
    "EMAIL": "e-mail",
    "PHONE": "phone",
    "WHATSAPP": "WhatsApp",
    "MESSENGER": "Facebook Messenger",
}
_CONTENTS: Final = {"HT": "trafficking", "MS": "smuggling", "OTHER": "other"}


def report_of_2023(scene: Scene, step: Step) -> None:
    """The 24 notifications are forwarded; then the table is read and compared, figure by figure."""
    report = scene.expected.report_2023
    unit = scene.unit(report.country)
    waiting = [scene.sent[one.key] for one in scene.signals if one.form.kind == "notification"]
    scene.each("Forwarding to JIUMM", waiting, lambda one: _forward(scene, one))
    figures = scene.as_(STATISTICIAN).owner_statistics(report.year)
    rows = {table.code_list: {row.row: row.count for row in table.rows} for table in figures.tables}
    anonymous = {t.code_list: {r.row: dict(r.of_which) for r in t.rows if r.of_which} for t in figures.tables}
    step.say(
        f"Aruba {figures.year}, notifications to CMMA (own table, exact, as registered): {figures.notifications}; "
        f"forwarded to JIUMM {figures.forwarded}",
        same("country and year", (figures.country, figures.year), (Partition.AW, report.year)),
        same("notifications", figures.notifications, report.notifications),
        same("forwarded", figures.forwarded, report.forwarded),
        same("counted by", figures.period_rule, "date received"),
        same("to CMMA", {one.organisation for one in waiting}, {"AW-CMMA"}),
        same("who forwarded", unit.me().organisation, "AW-JIUMM"),
    )
    step.say(
        f"source   {_words(_SOURCES, rows['source'], {'CITIZEN': f' (anonymous {_anonymous(anonymous)})'})}",
        same("by source", rows["source"], _whole(report.source, rows["source"])),
        same("anonymous", anonymous["source"], {"CITIZEN": {"anonymous": report.anonymous}}),
    )
    step.say(
        f"channel  {_words(_CHANNELS, rows['channel'], {})}",
        same("by channel", rows["channel"], _whole(report.channel, rows["channel"])),
    )
    equal = _equal(report, figures, rows, _anonymous(anonymous))
    step.say(
        f"content  {_words(_CONTENTS, rows['signal_type'], {})}     equals the annual report: "
        f"{equal} of {report.figures} figures",
        same("by content", rows["signal_type"], _whole(report.signal_type, rows["signal_type"])),
        same("figures that are equal", equal, report.figures),
        true("each table adds up", all(sum(rows[t].values()) == figures.notifications for t in TABLES)),
    )


def _forward(scene: Scene, one: SignalOut) -> SignalOut:
    unit = scene.unit(Partition.AW)
    for state, reason in _FORWARDED:
        one = unit.step(one.id, state, reason, version=one.version)
    return one


def _equal(report: AnnualReport, figures: OwnerStatistics, rows: Mapping[str, Mapping[str, int]], unnamed: int) -> int:
    """How many of the report's figures come out."""
    pairs: list[tuple[int | None, int]] = [
        (figures.notifications, report.notifications),
        (figures.forwarded, report.forwarded),
        (unnamed, report.anonymous),
    ]
    for name, printed in (("source", report.source), ("channel", report.channel), ("signal_type", report.signal_type)):
        pairs += [(rows[name].get(row), count) for row, count in printed.items()]
    return sum(got == wanted for got, wanted in pairs)


def _whole(printed: Mapping[str, int], rows: Mapping[str, int]) -> dict[str, int]:
    """The printed rows, and 0 for each row that the report does not print."""
    return dict.fromkeys(rows, 0) | dict(printed)


def _anonymous(parts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> int:
    return sum(part.get("anonymous", 0) for part in parts["source"].values())


def _words(labels: Mapping[str, str], rows: Mapping[str, int], beside: Mapping[str, str]) -> str:
    return " · ".join(f"{label} {rows.get(row, 0)}{beside.get(row, '')}" for row, label in labels.items())
