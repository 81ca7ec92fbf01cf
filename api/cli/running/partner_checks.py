"""What `rtr doctor` says of the ways to the partners, by the addresses of the newest roster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from api.cli.frame.check import Check, tried
from api.cli.frame.machine import with_database
from register.settings import PartnerSettings, Settings

if TYPE_CHECKING:  # a command that is not asked for these does not load them
    from schemas.codes import Partition

SOON: Final = timedelta(days=14)
"""A certificate that ends sooner is a finding: renewing one takes a call to another country."""


def partner_checks(settings: Settings, country: str) -> Iterator[Check]:
    """One check for each partner; one that says why there are none where no roster can be read."""
    from register.clock import SystemClock
    from register.tls import trusted
    from schemas.codes import Partition
    from sync.transport.look import look_at_address
    from sync.transport.reach import Reach

    own, urls = Partition(country), dict[Partition, str]()

    def read() -> str:
        urls.update(_find_addresses(settings, own))
        return f"{len(urls)} partners"

    yield tried(f"partners of {own}", read, needed=True)
    reach, now = Reach.of(settings.sync.partner_networks), SystemClock().now()
    for partner, url in urls.items():
        name = f"way from {own} to {partner}"
        if settings.partner.get(own, {}).get(partner, PartnerSettings()).via:
            yield Check(name, True, True, "by the tunnel that the settings name, which is not judged")
            continue

        def look(url: str = url, name: str = name) -> Check:
            return verdict(name, look_at_address(url, reach, trusted()), now)

        yield tried(name, look, needed=True)


def verdict(name: str, ends: datetime, now: datetime) -> Check:
    """What is said of a partner that answers with a certificate which ends then."""
    said = f"answers, its certificate ends on {ends.date().isoformat()}"
    fix = "Tell the partner: without a new certificate nothing goes there." if ends - now < SOON else ""
    return Check(name, not fix, True, said, fix)


def _find_addresses(settings: Settings, own: Partition) -> dict[Partition, str]:
    from register import bootstrap
    from register.domain.access.caller import system
    from register.domain.partition import others
    from sync.trust import load_rosters

    register = bootstrap.open(with_database(settings) if settings.database.admin_url else settings, own)
    try:
        rosters = load_rosters(register, system(own, "api"))
    finally:
        register.close()
    members = {partner: rosters.member(partner) for partner in others(own)}
    return {partner: member.url for partner, member in members.items() if member is not None}
