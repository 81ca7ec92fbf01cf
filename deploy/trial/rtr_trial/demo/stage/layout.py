"""Who listens where, which lines run between the countries, and the settings file that says so to the node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import SystemRandom
from typing import Any, Final

from api.servers.address import ServerAddress
from register.domain.partition import PARTITIONS, others
from register.settings import Settings
from rtr_trial.demo.stage.cable import Line
from rtr_trial.demo.stage.order import AUDIENCE, COVENANT, DATABASE, EDITION, ENVIRONMENT, FAR_END, STALE_AFTER_S, Order
from rtr_trial.embedded.processes import LOOPBACK, free_port
from schemas.codes import Partition

_EXCHANGE: Final[Mapping[str, object]] = {
    # A story wants to see at once what else takes a minute.
    "poll_min_s": 0.3,
    "poll_max_s": 3.0,
    "timeout_s": 5.0,
    "head_stale_after_s": STALE_AFTER_S,
}
_PORTS: Final = range(20_000, 30_000)
"""Below what the kernel gives to outgoing connections: an address chosen now is still free when the node opens it."""
_SCHEME: Final = "http://"


@dataclass(frozen=True, slots=True)
class Layout:
    """Addresses and lines.

    Attributes:
        urls: where each country answers or would answer; the roster names them.
        lines: (who connects, to whom): the line that runs between; where there is none, they connect directly.
    """

    urls: Mapping[Partition, str]
    lines: Mapping[tuple[Partition, Partition], Line]


def lay_out(order: Order, kept: Settings | None) -> Layout:
    """Choose free addresses, or those of a kept demo, whose roster names them; and open the lines of the far end."""
    candidates = list(_PORTS)
    SystemRandom().shuffle(candidates)
    ports = iter(candidates)
    urls = {country: f"{_SCHEME}{LOOPBACK}:{free_port(ports)}" for country in PARTITIONS}
    if kept is not None:
        urls |= {country: f"{_SCHEME}{own.listen}" for country, own in kept.country.items()}
    return Layout(urls, _derive_lines(order.countries, urls))


def settings_table(
    order: Order,
    layout: Layout,
    database: ServerAddress,
    engine_url: str,
    issuer_urls: Mapping[Partition, str],
    roster_sha256: str = "",
) -> dict[str, Any]:
    """The node's settings; they hold no secret and no administrator."""
    partner: dict[str, dict[str, Any]] = {}
    for (own, other), line in layout.lines.items():
        partner.setdefault(str(own), {})[str(other)] = {"via": line.url}
    return {
        "env": ENVIRONMENT,
        "countries": [str(c) for c in order.countries],
        "edition": EDITION,
        "covenant": COVENANT,
        "home": str(order.folder.home),
        "database": {"host": database.host, "port": database.port, "name": DATABASE},
        "engine": {"url": engine_url},
        "sync": {**_EXCHANGE, "roster_sha256": roster_sha256},
        "country": {
            str(c): {"listen": layout.urls[c].removeprefix(_SCHEME), "issuer": issuer_urls[c], "audience": AUDIENCE}
            for c in order.countries
        },
        "partner": partner,
    }


def _derive_lines(
    countries: tuple[Partition, ...], urls: Mapping[Partition, str]
) -> dict[tuple[Partition, Partition], Line]:
    """One line into the far end for all others, and one out of it to each of them."""
    if FAR_END not in countries or len(countries) == 1:
        return {}
    into = _read_line(urls[FAR_END])
    found = {(own, FAR_END): into for own in countries if own is not FAR_END}
    return found | {(FAR_END, other): _read_line(urls[other]) for other in others(FAR_END) if other in countries}


def _read_line(url: str) -> Line:
    host, _, port = url.removeprefix(_SCHEME).rpartition(":")
    return Line(host, int(port))
