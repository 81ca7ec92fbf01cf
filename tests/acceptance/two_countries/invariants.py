"""What must hold once two countries are quiet, whatever was killed before (security.md 6): looked up, not asked for.

I1 what was acknowledged is in its country exactly once; I2 where the rules allow it, exactly once at the partner, else
nowhere; I3 what was withdrawn is gone everywhere; I5 the index is what PostgreSQL says. And the exchange itself: the
logs without a hole and chained, the receipts chained, both sides with the same stubs and the same live root.
Everything is read from the tables and the engine past the program; hashes are computed here again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import httpx2

from register.errors import RegisterError
from schemas.canonical import b64, genesis
from schemas.codes import Partition
from sync.protocol.liveset import LiveObject, live_root
from tests.acceptance.two_countries.deployment import AW, CW, PAIR, Deployment, Site
from tests.acceptance.two_countries.load import Load

QUIET_S: Final = 240.0
_DOCUMENTS_MAX: Final = 10_000


def wait_until_quiet(two: Deployment, *, within_s: float = QUIET_S) -> float:
    """Wait until nothing waits anywhere and both say that all has arrived; return how many seconds that took."""
    begun = time.monotonic()
    while reasons := list(_unrest(two)):
        assert time.monotonic() - begun < within_s, f"not quiet: {reasons}\n{two.said()}"
        time.sleep(0.2)
    return time.monotonic() - begun


def violations(two: Deployment, *loads: Load) -> list[str]:
    """Every rule that does not hold, in words; empty where all is well."""
    found: list[str] = []
    by_country = {load.site.country: load for load in loads}
    for home, partner in ((AW, CW), (CW, AW)):
        here, there, load = two[home], two[partner], by_country[home]
        texts = (
            *_registered_once(here, load),
            *_told_once(here, there, load),
            *_withdrawn_everywhere(here, there, load),
            *_log_gapless(here, there),
            *_receipts_chained(here, there),
            *_index_is_postgres(here, there),
            *_hits(here, load, by_country[partner]),
        )
        found += [f"{home} to {partner}: {text}" for text in texts]
    return found


def _unrest(two: Deployment) -> Iterator[str]:
    for country in PAIR:
        site, (partner,) = two[country], [c for c in PAIR if c is not country]
        if waiting := site.rows("SELECT consumer, count(*) FROM rtr.outbox GROUP BY 1"):
            yield f"{country} outbox {[tuple(row) for row in waiting]}"
            continue
        try:
            with site.client(f"{country.lower()}-register") as client:
                status = client.partners()
        except RegisterError as error:
            yield f"{country} {error.code}"
            continue
        pair = next(one for one in status.partners if one.partner is partner)
        heard = pair.received
        trouble = (heard.behind, heard.unconfirmed_withdrawals, heard.refused, heard.halted, heard.last_error)
        if not pair.sent.converged or pair.sent.waiting or heard.behind is None or any(trouble):
            yield f"{country} to {partner}: {pair.sent.reasons} {trouble}"


def _registered_once(here: Site, load: Load) -> Iterator[str]:
    """I1."""
    stored = [row.id for row in here.rows("SELECT id FROM rtr.signal")]
    acknowledged = [one.id for one in load.acknowledged]
    yield from _differ("signals and acknowledgements", stored, acknowledged)
    yield from _differ(
        "signals and idempotency keys",
        [row.key for row in here.rows("SELECT key FROM rtr.idempotency")],
        [one.key for one in load.told],
    )
    leaves = here.rows("SELECT commitment->>'about' AS about FROM rtr.audit_leaf WHERE action = 'signal.recorded'")
    yield from _differ("leaves and signals", [row.about for row in leaves], [str(one) for one in stored])
    withdrawn = here.rows("SELECT id FROM rtr.signal WHERE withdrawn_at IS NOT NULL")
    yield from _differ(
        "withdrawn signals and acknowledgements",
        [row.id for row in withdrawn],
        [one.id for one in load.told if one.withdrawn],
    )


def _told_once(here: Site, there: Site, load: Load) -> Iterator[str]:
    """I2."""
    extract = _extracts(here)
    expected = [extract[one.id] for one in load.acknowledged if one.shareable and not one.withdrawn]
    query = (
        "SELECT object, version, commitment FROM (SELECT DISTINCT ON (object) * FROM rtr.draft WHERE partner = :p "
        "ORDER BY object, version DESC) newest WHERE type = 'indicator.put'"
    )
    sent = [tuple(row) for row in here.rows(query, p=there.country)]
    query = "SELECT object, version, commitment FROM rtr.received_record WHERE partner = :p AND live"
    held = [tuple(row) for row in there.rows(query, p=here.country)]
    yield from _differ("what should be told and what was", expected, [about for about, _, _ in sent])
    yield from _differ("sent and held", sent, held)
    never = {extract[one.id] for one in load.acknowledged if not one.shareable}
    for site, table in ((here, "draft"), (there, "received_stub")):
        told = {row.object for row in site.rows(f"SELECT object FROM rtr.{table}")}
        if told & never:
            yield f"{len(told & never)} extracts that may not leave are in {table}"
    if bad := there.number("SELECT count(*) FROM rtr.quarantine"):
        yield f"{bad} entries in quarantine"


def _withdrawn_everywhere(here: Site, there: Site, load: Load) -> Iterator[str]:
    """I3, but for the index, which `_index_is_postgres` holds to the tables."""
    extract = _extracts(here)
    gone = [extract[one.id] for one in load.acknowledged if one.withdrawn]
    for site, what in ((here, "at home"), (there, "at the partner")):
        if left := site.number("SELECT count(*) FROM rtr.search_key WHERE record = ANY(:gone)", gone=gone):
            yield f"{left} search keys of withdrawn extracts {what}"
    if left := there.number(
        "SELECT count(*) FROM rtr.received_record WHERE object = ANY(:gone) "
        "AND (live OR body_sealed IS NOT NULL OR salt_sealed IS NOT NULL OR data_key IS NOT NULL)",
        gone=gone,
    ):
        yield f"{left} withdrawn extracts have a body at the partner"
    if left := here.number(
        "SELECT count(*) FROM rtr.draft WHERE object = ANY(:gone) AND type = 'indicator.put' "
        "AND body_sealed IS NOT NULL",
        gone=gone,
    ):
        yield f"{left} withdrawn extracts could still be sent"
    query = "SELECT count(*) FROM rtr.draft WHERE partner = :p AND type = 'indicator.retract' AND done_n IS NULL"
    if left := here.number(query, p=there.country):
        yield f"{left} withdrawals without a receipt"


def _log_gapless(here: Site, there: Site) -> Iterator[str]:
    entries = here.rows(
        "SELECT e.seq, e.stub, e.entry_hash, e.draft_id, d.object, d.version, d.type, d.commitment, d.appended_seq "
        "FROM rtr.log_entry e JOIN rtr.draft d ON d.id = e.draft_id WHERE e.partner = :p ORDER BY e.seq",
        p=there.country,
    )
    drafts = here.number("SELECT count(*) FROM rtr.draft WHERE partner = :p", p=there.country)
    if [e.seq for e in entries] != list(range(1, drafts + 1)):
        yield f"{drafts} drafts, numbers {[e.seq for e in entries]}"
    if len({e.draft_id for e in entries}) != len(entries) or any(e.appended_seq != e.seq for e in entries):
        yield "a draft has two numbers"
    hash_ = genesis(here.country, there.country, 1)
    versions: dict[UUID, int] = {}
    live: dict[UUID, LiveObject] = {}
    for e in entries:
        hash_ = hashlib.sha256(b"rtr-sync-1/entry\0" + hash_ + hashlib.sha256(e.stub).digest()).digest()
        if hash_ != e.entry_hash:
            yield f"entry {e.seq} does not follow from the one before"
        if e.version != versions.get(e.object, 0) + 1:
            yield f"entry {e.seq}: version {e.version} follows {versions.get(e.object, 0)}"
        versions[e.object] = e.version
        live.pop(e.object, None)
        if e.type == "indicator.put":
            live[e.object] = LiveObject(str(e.object), e.version, e.commitment)
    query = "SELECT seq, stub, entry_hash FROM rtr.received_stub WHERE partner = :p"
    stubs = [tuple(row) for row in there.rows(query, p=here.country)]
    yield from _differ("the log and the partner's stubs", [(e.seq, e.stub, e.entry_hash) for e in entries], stubs)
    query = "SELECT applied_to, last, stale_entries, halted FROM rtr.partner_cursor WHERE partner = :p"
    (cursor,) = there.rows(query, p=here.country)
    if tuple(cursor) != (len(entries), hash_, 0, None):
        yield f"the cursor stands at {cursor.applied_to} of {len(entries)}, {cursor.stale_entries} stale"
    (head,) = here.rows("SELECT tip_seq, tip_hash, stopped FROM rtr.log_head WHERE partner = :p", p=there.country)
    if tuple(head) != (len(entries), hash_, None):
        yield f"the head says {head.tip_seq} of {len(entries)}, stopped: {head.stopped}"
    query = "SELECT claims FROM rtr.receipt_got WHERE partner = :p ORDER BY n DESC LIMIT 1"
    for row in here.rows(query, p=there.country):
        root = b64(live_root(sorted(live.values())))
        if (row.claims["applied_to"], row.claims.get("live_root")) != (len(entries), root):
            yield f"the newest receipt says {row.claims['applied_to']} of {len(entries)}, or another live root"


def _receipts_chained(here: Site, there: Site) -> Iterator[str]:
    query = "SELECT n, jws, claims, acknowledged_at FROM rtr.receipt_given WHERE partner = :p ORDER BY n"
    given = there.rows(query, p=here.country)
    query = "SELECT n, jws FROM rtr.receipt_got WHERE partner = :p"
    got = [tuple(row) for row in here.rows(query, p=there.country)]
    yield from _differ("receipts given and got", [(r.n, r.jws) for r in given], got)
    if [r.n for r in given] != list(range(1, len(given) + 1)) or any(r.acknowledged_at is None for r in given):
        yield f"receipts {[(r.n, bool(r.acknowledged_at)) for r in given]}"
    for before, after in pairwise(given):
        if after.claims["prev_receipt"] != b64(hashlib.sha256(before.jws.encode()).digest()):
            yield f"receipt {after.n} does not follow from the one before"
        if after.claims["applied_to"] < before.claims["applied_to"]:
            yield f"receipt {after.n} goes back"
    done = [seq for r in given for seq in r.claims["retracted_done"]]
    query = "SELECT seq FROM rtr.received_stub WHERE partner = :p AND type = 'indicator.retract'"
    yield from _differ(
        "withdrawals and those that receipts list", [r.seq for r in there.rows(query, p=here.country)], done
    )


def _index_is_postgres(here: Site, there: Site) -> Iterator[str]:
    """I5, for what a country holds of its own and for what its partner holds of it."""
    shown = "SELECT extract_id FROM rtr.signal WHERE withdrawn_at IS NULL AND visibility <> 'V3'"
    held = "SELECT object FROM rtr.received_record WHERE partner = :o AND live"
    for host, query in ((here, shown), (there, held)):
        where = f"{host.country}'s index"
        objects = [row[0] for row in host.rows(query, **({"o": here.country} if host is there else {}))]
        records = [UUID(key) for key, source in _documents(host, here.country, "record") if source["live"]]
        yield from _differ(f"{where} of records and PostgreSQL", objects, records)
        keys = "SELECT key, handle FROM rtr.search_key WHERE origin = :o AND record = ANY(:objects)"
        tokens = [
            (source["t"], source["handle"]) for _, source in _documents(host, here.country, "token") if "t" in source
        ]
        wanted = [tuple(row) for row in host.rows(keys, o=here.country, objects=objects)]
        yield from _differ(f"{where} of tokens and PostgreSQL", wanted, tokens)


def _hits(here: Site, load: Load, partner: Load) -> Iterator[str]:
    """The same person in both countries is a hit as long as both sides stand."""
    extract = _extracts(partner.site)
    abroad = {one.number: extract[one.id] for one in partner.acknowledged if one.shareable and not one.withdrawn}
    both = [(one.id, abroad[one.number]) for one in load.told if not one.withdrawn and one.number in abroad]
    query = "SELECT signal_id, object FROM rtr.hit WHERE withdrawn_at IS NULL"
    hits = [tuple(row) for row in here.rows(query)]
    yield from _differ("hits and pairs", both, hits)


def _extracts(site: Site) -> dict[UUID | None, UUID]:
    """Under which id partners know each signal."""
    return {row.id: row.extract_id for row in site.rows("SELECT id, extract_id FROM rtr.signal")}


def _documents(host: Site, origin: Partition, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    index = f"{host.settings.engine.url}/rtr-{host.country.lower()}-{origin.lower()}-{kind}-read"
    with httpx2.Client(trust_env=False, timeout=30) as http:
        http.post(f"{index}/_refresh").raise_for_status()
        answer = http.post(f"{index}/_search", json={"query": {"match_all": {}}, "size": _DOCUMENTS_MAX})
    hits = json.loads(answer.raise_for_status().text)["hits"]["hits"]
    return iter([(hit["_id"], hit["_source"]) for hit in hits])


def _differ(what: str, one: Iterable[Any], other: Iterable[Any]) -> Iterator[str]:
    """Whether two lists hold the same, each as often."""
    left, right = sorted(one, key=repr), sorted(other, key=repr)
    if left != right:
        more, less = set(left) - set(right), set(right) - set(left)
        yield f"{what} differ: {len(left)} and {len(right)}; only in one {len(more)}, only in the other {len(less)}"
