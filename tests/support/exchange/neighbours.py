"""The countries of a world made to exchange: what their workers do, done at once, over loopback HTTP.

Nothing is played: pseudonyms are computed, logs appended, pages pulled, receipts signed and taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from api.process.hosting import Address, HttpServer
from register.clock import SystemClock
from register.services.running import operate_database, operate_keys
from register.services.search.index_records import index_records
from register.services.search.match_records import match_records
from register.services.signals.share_signal import lease_signals, share_signal
from schemas.codes import Partition
from tests.integration.exchange.net import Node, _app, _node
from tests.support.world import World


@dataclass
class Neighbours:
    """Nodes that know each other."""

    nodes: dict[Partition, Node]

    def share(self) -> None:
        """Decide on what waits, and put it into the logs; nobody is told yet."""
        for node in self.nodes.values():
            for lease in lease_signals(node.register, 500):
                share_signal(node.register, lease)
            node.append()

    def settle(self) -> None:
        """Bring everything to everybody, and every receipt back."""
        self.share()
        for node in self.nodes.values():
            for partner in self.nodes.keys() - {node.country}:
                node.pull_all(partner)
            index_records(node.register, 500)
            match_records(node.register, 500)
        for node in self.nodes.values():
            for partner in self.nodes.keys() - {node.country}:
                node.receiver.acknowledge(partner)


@contextmanager
def neighbours(made: World) -> Iterator[Neighbours]:
    """Let the countries of a world exchange while the block lasts."""
    registers = made.registers
    apps = {c: _app(register) for c, register in registers.items()}
    with ExitStack() as closing:
        servers = {c: HttpServer(app, Address.parse("127.0.0.1:0"), name=f"sync-{c}") for c, app in apps.items()}
        urls = {c: server.address.url for c, server in servers.items()}
        any_register = next(iter(registers.values()))
        document = operate_keys.first_roster(
            {c: register.keys for c, register in registers.items()},
            urls,
            [any_register.edition.hash],
            SystemClock().now(),
        )
        operate_database.install_roster(made.settings, 1, document)
        pin = hashlib.sha256(document).hexdigest()
        nodes = {}
        for c, register in registers.items():
            settings = replace(made.settings, sync=replace(made.settings.sync, roster_sha256=pin))
            nodes[c] = _node(replace(register, settings=settings), apps[c])
            closing.callback(nodes[c].http.close)
        for server in servers.values():
            server.start()
            closing.callback(server.stop)
        yield Neighbours(nodes)
