"""Five countries with made-up notifications of 2023, and the steps from contribution to frozen release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from register.domain.access.caller import Caller, SignedIn, Task
from register.services.signals.record_signal import record_signal
from register.services.statistics.releases.checking import Verification, verify_release
from register.services.statistics.releases.releases import (
    approve_release,
    attack_release,
    draft_release,
    freeze_release,
)
from register.services.statistics.releases.stored import Held
from register.services.statistics.statements.contribute import Made, contribute
from register.services.statistics.statements.send_words import send_words
from register.statistics.definition import Tier
from schemas.codes import Partition
from schemas.signals.signal import SignalIn
from sync.trust import signer_of_bytes
from tests.integration.exchange.net import Net, Node

AW, BQ, CW, NL, SX = Partition.AW, Partition.BQ, Partition.CW, Partition.NL, Partition.SX
FIVE: Final = (AW, CW, SX, BQ, NL)
ISLANDS: Final = {AW: "AW", CW: "CW", SX: "SX", BQ: "BONAIRE", NL: "NL"}
SOURCES: Final = ("CITIZEN", "GOV_DEPT", "NGO_IO", "SCHOOL")
TYPES: Final = ("HT", "MS", "UNDETERMINED")
CHANNELS: Final = ("EMAIL", "PHONE", "WHATSAPP", "MESSENGER")
# By source, channel and type: Aruba's are the figures of its report of 2023 (domain.md 5.1), the others made up.
MARGINS: Final[dict[Partition, tuple[Sequence[int], Sequence[int], Sequence[int]]]] = {
    AW: ((11, 8, 4, 1), (10, 7, 5, 2), (7, 1, 16)),
    CW: ((8, 5, 2, 1), (6, 5, 3, 2), (5, 2, 9)),
    SX: ((6, 3, 2, 0), (4, 4, 3, 0), (4, 1, 6)),
    BQ: ((2, 1, 1, 0), (2, 1, 1, 0), (1, 0, 3)),
    NL: ((20, 12, 5, 3), (15, 15, 7, 3), (22, 7, 11)),
}
YEAR: Final = "2023"
BY_TYPE: Final = "notifications-by-type"
BY_SOURCE: Final = "notifications-by-source"
BY_CHANNEL: Final = "notifications-by-channel"


def expanded(codes: Sequence[str], counts: Sequence[int]) -> list[str]:
    """Each code as often as it is counted."""
    return [code for code, n in zip(codes, counts, strict=True) for _ in range(n)]


def notify(node: Node, *, year: int = 2023, only: int | None = None) -> None:
    """Register the country's notifications of a year."""
    sources, channels, types = MARGINS[node.country]
    rows = zip(expanded(SOURCES, sources), expanded(CHANNELS, channels), expanded(TYPES, types), strict=True)
    record(node, list(rows)[:only], year=year)


def record(node: Node, rows: Iterable[tuple[str, str, str]], *, year: int = 2023, mark: str = "n") -> None:
    """Register notifications with these sources, channels and types."""
    who = somebody(node, "desk", Task.SUBMIT, Task.REGISTER)
    for n, (source, channel, kind) in enumerate(rows):
        form = {
            "kind": "notification",
            "urgency": "NORMAL",
            "account": f"Made up, {mark} {n}.",
            "received_on": f"{year}-{1 + n % 12:02}-{1 + n % 28:02}",
            "period": {"from": f"{year}-01-01", "to": f"{year}-01-01"},
            "place": {"island": ISLANDS[node.country], "location_type": "STREET"},
            "signal_type": kind,
            "source": source,
            "channel": channel,
            "nothing_known": True,
        }
        record_signal(node.register, who, SignalIn.model_validate(form), f"{mark}-{year}-{n}")


def somebody(node: Node, actor: str, *tasks: Task) -> Caller:
    """A person of the country's coordination."""
    return Caller(
        partition=node.country,
        function="api",
        kind="person",
        actor=actor,
        organisation=organisation(node),
        tasks=frozenset(tasks or (Task.STATISTICS,)),
        signed_in=SignedIn(node.register.clock.now()),
    )


def organisation(node: Node) -> str:
    """The code of an organisation of the country."""
    with node.register.work(node.caller()) as work:
        return work.access.organisations.all()[0].code


def give(node: Node, table: str, period: str = YEAR, **more: bool) -> Made:
    """Contribute."""
    return contribute(node.register, somebody(node, "counter"), table, period, **more)


def give_all(net: Net, table: str, year: int) -> None:
    """Register another year's notifications, the same as those of 2023, contribute and tell."""
    for node in net.nodes.values():
        notify(node, year=year)
        give(node, table, str(year))
    exchange(net)


def exchange(net: Net) -> None:
    """Everybody tells everybody."""
    for node in net.nodes.values():
        send_words(node.register)
        node.append()
    for node in net.nodes.values():
        for partner in net.nodes:
            if partner is not node.country:
                node.pull_all(partner)


def draft(node: Node, table: str, tier: Tier = Tier.WORKING_GROUP, period: str = YEAR) -> Held:
    """Draft a release."""
    return draft_release(node.register, somebody(node, "drafter"), tier, table, period)


def approve_both(node: Node, one: Held) -> None:
    """Attack and approve twice."""
    register, digest = node.register, one.row.digest
    attack_release(register, somebody(node, "drafter"), digest)
    approve_release(register, somebody(node, "first"), digest)
    approve_release(register, somebody(node, "second"), digest)


def freeze(node: Node, one: Held) -> Held:
    """Attack, approve twice, freeze."""
    approve_both(node, one)
    return freeze_release(node.register, somebody(node, "drafter"), one.row.digest)


def verify(node: Node, digest: str) -> Verification:
    """What a node makes of a release, with the signatures by its own rosters."""
    rosters = node.rosters()
    return verify_release(
        node.register,
        somebody(node, "checker"),
        digest,
        lambda document, signature: signer_of_bytes(document, signature, rosters, new=False),
    )
