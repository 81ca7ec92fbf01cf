"""A production node connects to partners where they are, and never to itself, its neighbours or its cloud."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from register.clock import SystemClock
from register.settings import BadSettings, PartnerSettings, load
from schemas.codes import Partition
from schemas.exchange.wire import Roster
from sync.protocol.documents.roster import Rosters
from sync.transport.partner import PartnerAddressUnsafe, PartnerHttp, PartnerUnreachable
from sync.transport.reach import Reach
from sync.trust import NodeSigner
from tests.integration.exchange.evaluators.net import Net

AW, BQ, CW, NL, SX = Partition
LOOPBACK = ("127.0.0.0/8", "::1/128")

INWARD = [
    "https://127.0.0.1:{port}",
    "https://2130706433:{port}",  # decimal
    "https://0177.0.0.1:{port}",  # octal
    "https://0x7f.0.0.1:{port}",
    "https://0x7f000001:{port}",
    "https://127.1:{port}",
    "https://127.0.1:{port}/sync",
    "https://0.0.0.0:{port}",
    "https://0:{port}",
    "https://[::1]:{port}",
    "https://[::]:{port}",
    "https://[::ffff:127.0.0.1]:{port}",
    "https://[::ffff:7f00:1]:{port}",
    "https://[::127.0.0.1]:{port}",
    "https://[2002:7f00:1::]:{port}",
    "https://[64:ff9b::7f00:1]:{port}",
    "https://localhost:{port}",
    "https://localhost.:{port}",
    "https://LOCALHOST:{port}",
    "https://{host}:{port}",
]
MISSHAPEN = [
    "http://127.0.0.1:{port}",
    "http://partner.example:{port}",
    "https://partner.example@127.0.0.1:{port}",
    "https://user:secret@partner.example:{port}",
    "https://127.0.0.1:{port}#@partner.example",
    "https://127.0.0.1:{port}?@partner.example",
    "https://127.0.0.1:{port}\\@partner.example",
    "https://partner.example:443@127.0.0.1:{port}",
    "https://%6c%6fcalhost:{port}",
    "https://[fe80::1%25lo]:{port}",
    "https://127.0.0.1:0",
    "https://partner.example:99999",
    "https://partner.example:",
    "https://:{port}",
    "https://-:{port}",
]


@dataclass
class Listener:
    """Something on this machine that hangs up on whoever comes, and counts them."""

    port: int
    came: list[object] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        found = Listener(server.getsockname()[1])

        def count() -> None:
            while True:
                try:
                    client, whence = server.accept()
                except OSError:
                    return
                found.came.append(whence)
                client.close()

        threading.Thread(target=count, daemon=True).start()
        yield found
        server.shutdown(socket.SHUT_RDWR)


def listing(net: Net, url: str) -> Rosters:
    """A roster as coordinators could sign it, with this address for Curaçao."""
    now: Roster = net.rosters.newest
    members = tuple(m.model_copy(update={"url": url}) if m.country is CW else m for m in now.members)
    return Rosters((now.model_copy(update={"members": members}),))


def way(net: Net, url: str, *networks: str, via: str = "") -> PartnerHttp:
    return PartnerHttp(
        AW,
        signer=NodeSigner(net[AW].keys),
        rosters=lambda: listing(net, url),
        clock=SystemClock(),
        via={CW: PartnerSettings(via=via)} if via else None,
        timeout_s=3.0,
        reach=Reach.of(networks),
    )


@pytest.mark.parametrize("pattern", [*INWARD, *MISSHAPEN])
def test_no_spelling_of_an_inward_address_is_connected_to(net: Net, listener: Listener, pattern: str) -> None:
    http = way(net, pattern.format(port=listener.port, host=socket.gethostname()))
    try:
        with pytest.raises(PartnerUnreachable) as refused:
            http.get(CW, "/sync/v1/head")
    finally:
        http.close()
    assert listener.came == []
    assert "secret" not in str(refused.value)


def test_private_network_that_the_settings_name_is_connected_to(net: Net, listener: Listener) -> None:
    http = way(net, f"https://localhost:{listener.port}", *LOOPBACK)
    with pytest.raises(PartnerUnreachable) as hung_up:
        http.get(CW, "/sync/v1/head")
    http.close()
    assert not isinstance(hung_up.value, PartnerAddressUnsafe)
    assert listener.came


def test_tunnel_of_the_operators_own_settings_is_connected_to(net: Net, listener: Listener) -> None:
    http = way(net, "https://partner.example", via=f"http://127.0.0.1:{listener.port}")
    with pytest.raises(PartnerUnreachable):
        http.get(CW, "/sync/v1/head")
    http.close()
    assert listener.came


def test_name_that_stands_for_another_address_the_next_time_is_asked_once(
    net: Net, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = socket.getaddrinfo

    def rebinding(host: object, port: object, *rest: object, **more: object) -> object:
        if host != "rebind.example":
            return real(host, port, *rest, **more)  # type: ignore[arg-type]  # as it was called
        asked.append(host)
        # 192.0.2.0/24 is nobody's: where it is connected to, nobody answers. The second answer would be this machine.
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, listener.port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    http = way(net, f"https://rebind.example:{listener.port}", "192.0.2.0/24")
    with pytest.raises(PartnerUnreachable):
        http.get(CW, "/sync/v1/head")
    http.close()
    assert (len(asked), listener.came) == (1, [])


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16",
     "224.0.0.1", "255.255.255.255", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:10.0.0.1", "2002:a00:1::1",
     "64:ff9b::a9fe:a9fe", "ff02::1", "::", "no address"],
)  # fmt: skip
def test_private_and_metadata_addresses_are_not_allowed(address: str) -> None:
    assert not Reach.of(()).allows(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert Reach.of(()).allows(address)


def test_named_network_lets_in_its_own_addresses_only() -> None:
    reach = Reach.of(["10.20.0.0/16"])
    assert reach.allows("10.20.3.4")
    assert reach.allows("::ffff:10.20.3.4")
    assert not reach.allows("10.21.0.1")


@pytest.mark.parametrize("named", ["10.0.0.1/8", "partner.example", "0.0.0.0/0", "::/0"])
def test_network_that_is_none_or_all_is_refused(named: str) -> None:
    with pytest.raises(BadSettings, match="partner_networks"):
        load(environment={"RTR_SYNC__PARTNER_NETWORKS": named})
