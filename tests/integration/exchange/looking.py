"""What a test sees of a node's tables: rows as values, read as the administrator, past every rule."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from schemas.codes import Partition
from tests.integration.exchange.net import Net, Node
from tests.support.started.databases import administrator_of


def rows(net: Net, query: str, **values: Any) -> list[dict[str, Any]]:
    """Rows of a query."""
    with administrator_of(net.world.settings).begin() as connection:
        found = connection.execute(sa.text(query), values)
        return [dict(row) for row in found.mappings()] if found.returns_rows else []


def record(net: Net, holder: Partition, about: UUID) -> dict[str, Any]:
    """The row of a received record."""
    (found,) = rows(net, "SELECT * FROM rtr.received_record WHERE country = :c AND object = :o", c=holder, o=about)
    return found


def verdicts(net: Net, holder: Partition, origin: Partition) -> list[str]:
    """The verdicts on an origin's entries, by number."""
    found = rows(
        net,
        "SELECT verdict FROM rtr.received_stub WHERE country = :c AND partner = :p ORDER BY seq",
        c=holder,
        p=origin,
    )
    return [row["verdict"] for row in found]


def held(node: Node, origin: Partition, *objects: UUID) -> dict[UUID, str]:
    """References of what a node holds of these objects, by object."""
    with node.register.work(node.caller()) as work:
        return {name: one.put.record.reference for name, one in work.exchange.held.open(origin, objects).items()}


def snapshot(net: Net, holder: Partition) -> dict[str, list[tuple[Any, ...]]]:
    """All that a country has received, without times and random bytes: equal means nothing lost, nothing doubled."""
    queries = {
        "cursor": "SELECT partner, applied_to, last, halted FROM rtr.partner_cursor WHERE country = :c",
        "stubs": "SELECT partner, seq, stub, entry_hash, verdict FROM rtr.received_stub WHERE country = :c",
        "records": "SELECT partner, object, version, type, commitment, live, reason, reference, data_key IS NULL, "
        "body_sealed IS NULL FROM rtr.received_record WHERE country = :c",
        "keys": "SELECT key, origin, record, subject, family, handle FROM rtr.search_key WHERE country = :c",
        "quarantine": "SELECT partner, seq, code, rule FROM rtr.quarantine WHERE country = :c",
        "evidence": "SELECT partner, from_seq, to_seq FROM rtr.page_evidence WHERE country = :c",
        "todo": "SELECT consumer, object FROM rtr.outbox WHERE country = :c",
        "sealed": "SELECT count(*) FROM rtr.data_key k WHERE country = :c AND NOT EXISTS "
        "(SELECT FROM rtr.data_key_end e WHERE e.country = k.country AND e.id = k.id)",
    }
    return {
        name: sorted((tuple(row.values()) for row in rows(net, query, c=holder)), key=repr)
        for name, query in queries.items()
    }
