"""Signatures and rosters of the exchange, on real keys: what the ports promise, and whom a node believes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from register.errors import PartnerError
from register.keys import jws
from register.keys.jwk import PrivateKey
from register.keys.keystore import KeyStore
from register.keys.node import FIRST_SECRETS, NodeKeys
from register.pseudonyms.normalise import stop
from register.services.running.operate_keys import first_roster
from schemas.canonical import b64, dumps, dumps_plain, loads, unb64
from schemas.codes import Partition
from schemas.exchange.wire import Approval, Roster, Typ, document, read
from sync.protocol.documents.request import Call, check_request, request_claims
from sync.protocol.documents.roster import Rosters, roster_hash
from sync.protocol.refusals import Malformed, RosterRefused
from sync.trust import (
    KnownRosters,
    NodeSigner,
    NodeVerifier,
    RosterMissing,
    RosterNotPinned,
    StopFileDiffers,
    check_stop_file,
    read_rosters,
    roster_files,
    trust_of,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AW, CW = Partition.AW, Partition.CW


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Partition, NodeKeys]:
    made = {}
    for country in Partition:
        path = tmp_path_factory.mktemp("keys") / "keystore"
        KeyStore.create(path, b"a passphrase for tests", first=FIRST_SECRETS)
        made[country] = NodeKeys(country, KeyStore(path, b"a passphrase for tests"))
    return made


@pytest.fixture(scope="module")
def roster_1(nodes: Mapping[Partition, NodeKeys]) -> bytes:
    return first_roster(nodes, {c: f"http://{c.lower()}.example" for c in Partition}, [], NOW)


def pin_of(roster: bytes) -> str:
    return hashlib.sha256(roster).hexdigest()


def following(roster: bytes, **changed: object) -> bytes:
    before = read(Roster, roster)
    claims = document(before) | {"number": before.number + 1, "prev": b64(roster_hash(before))}
    return dumps(claims | changed)


def approvals(nodes: Mapping[Partition, NodeKeys], roster: bytes, *by: Partition) -> list[str]:
    words = document(Approval(number=read(Roster, roster).number, roster=b64(hashlib.sha256(roster).digest())))
    return [
        jws.sign(dumps_plain(words), typ=Typ.APPROVAL, kid=f"{c}-coordinator-1", key=nodes[c].coordinator) for c in by
    ]


def test_what_a_node_signs_another_verifies(nodes: Mapping[Partition, NodeKeys], roster_1: bytes) -> None:
    rosters = read_rosters([roster_1], pin_of(roster_1))
    signed = NodeSigner(nodes[CW]).sign(Typ.HEAD, {"iss": "CW", "b": 1, "a": [2]})
    found = NodeVerifier().verify(signed, typ=Typ.HEAD, keys=rosters.signing_keys())
    assert (found.kid, found.claims) == ("CW-sign-1", {"iss": "CW", "b": 1, "a": [2]})


def test_the_same_claims_give_the_same_bytes(nodes: Mapping[Partition, NodeKeys]) -> None:
    signer = NodeSigner(nodes[CW])
    assert signer.sign(Typ.PAGE, {"a": 1, "b": 2}) == signer.sign(Typ.PAGE, {"b": 2, "a": 1})


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda s: s[:-4] + (b"AAAA" if s[-4:] != b"AAAA" else b"BBBB"), jws.SignedDocumentRefused),
        (lambda s: s + b" ", jws.MalformedDocument),
        (lambda s: "é".encode() + s, jws.MalformedDocument),
        (lambda _: b"", jws.MalformedDocument),
    ],
    ids=["signature", "space", "not-ascii", "empty"],
)
def test_what_was_changed_is_refused(
    nodes: Mapping[Partition, NodeKeys], change: Callable[[bytes], bytes], refusal: type[PartnerError]
) -> None:
    keys = {"CW-sign-1": nodes[CW].signing.public().raw()}
    signed = NodeSigner(nodes[CW]).sign(Typ.HEAD, {"iss": "CW"})
    with pytest.raises(refusal):
        NodeVerifier().verify(change(signed), typ=Typ.HEAD, keys=keys)


def test_another_type_or_key_is_refused(nodes: Mapping[Partition, NodeKeys], roster_1: bytes) -> None:
    keys = read_rosters([roster_1], pin_of(roster_1)).signing_keys()
    signed = NodeSigner(nodes[CW]).sign(Typ.HEAD, {"iss": "CW"})
    with pytest.raises(jws.WrongType):
        NodeVerifier().verify(signed, typ=Typ.PAGE, keys=keys)
    with pytest.raises(jws.UnknownKey):
        NodeVerifier().verify(signed, typ=Typ.HEAD, keys={kid: x for kid, x in keys.items() if kid != "CW-sign-1"})
    with pytest.raises(jws.BadSignature):
        NodeVerifier().verify(signed, typ=Typ.HEAD, keys={"CW-sign-1": keys["AW-sign-1"]})


@pytest.mark.parametrize("payload", [b'{"a":1,"a":2}', b"[1]", b"no json", b'{"a":NaN}'])
def test_a_good_signature_under_no_strict_object_is_malformed(
    nodes: Mapping[Partition, NodeKeys], roster_1: bytes, payload: bytes
) -> None:
    keys = read_rosters([roster_1], pin_of(roster_1)).signing_keys()
    signed = jws.sign(payload, typ=Typ.HEAD, kid=nodes[CW].kid, key=nodes[CW].signing).encode()
    with pytest.raises(Malformed):
        NodeVerifier().verify(signed, typ=Typ.HEAD, keys=keys)


def test_a_request_is_checked_through_both_ports(nodes: Mapping[Partition, NodeKeys], roster_1: bytes) -> None:
    rosters, call = read_rosters([roster_1], pin_of(roster_1)), Call("POST", "/sync/v1/receipts", b"{}")
    jti = "01890a5d-ac96-774b-bcce-b302099a8057"
    claims = request_claims(CW, AW, call, now=NOW, nonce="n" * 24, jti=jti, roster=1)
    signed = NodeSigner(nodes[CW]).sign(Typ.REQUEST, document(claims))
    assert check_request(signed, call, trust_of(AW, rosters), now=NOW).issuer is CW


def test_roster_1_is_believed_by_its_pin_alone(roster_1: bytes) -> None:
    assert read_rosters([roster_1], pin_of(roster_1)).newest.number == 1
    with pytest.raises(RosterRefused, match="pin"):
        read_rosters([roster_1], "00" * 32)


@pytest.mark.parametrize("pin", ["", "no hex", "zz" * 32])
def test_no_pin_is_for_the_operator_to_mend(roster_1: bytes, pin: str) -> None:
    with pytest.raises(RosterNotPinned):
        read_rosters([roster_1], pin)


def test_no_roster_is_for_the_operator_to_mend(roster_1: bytes) -> None:
    with pytest.raises(RosterMissing):
        read_rosters([], pin_of(roster_1))


def test_a_roster_that_is_not_canonical_is_refused(roster_1: bytes) -> None:
    with pytest.raises(RosterRefused):
        read_rosters([b" " + roster_1], pin_of(roster_1))


def test_a_later_roster_needs_three_coordinators_of_the_one_before(
    nodes: Mapping[Partition, NodeKeys], roster_1: bytes
) -> None:
    roster_2, pin = following(roster_1), pin_of(roster_1)
    three = approvals(nodes, roster_2, AW, CW, Partition.NL)
    assert read_rosters([roster_1, roster_2], pin, {2: three}).newest.number == 2
    for given in ([], three[:2], [three[0]] * 3):
        with pytest.raises(RosterRefused):
            read_rosters([roster_1, roster_2], pin, {2: given})


def test_an_approval_under_another_key_is_refused(nodes: Mapping[Partition, NodeKeys], roster_1: bytes) -> None:
    roster_2 = following(roster_1)
    words = loads(unb64(approvals(nodes, roster_2, AW)[0].split(".")[1]), 10_000)
    forged = jws.sign(dumps(words), typ=Typ.APPROVAL, kid="AW-coordinator-1", key=PrivateKey.generate())
    with pytest.raises(jws.BadSignature):
        read_rosters([roster_1, roster_2], pin_of(roster_1), {2: [forged]})


def test_a_node_whose_stop_file_is_not_the_rosters_believes_no_roster(roster_1: bytes) -> None:
    rosters = read_rosters([roster_1], pin_of(roster_1))
    data = Path(stop.__file__).with_name("lists").joinpath("stop.toml").read_bytes()
    check_stop_file(rosters, stop.read_stop_file(data))
    for other in (data + b"\n", data.replace(b'"onbekend", ', b"", 1), data.replace(b'"1900-01-01", ', b"", 1)):
        assert other != data
        with pytest.raises(StopFileDiffers, match="names the stop file"):
            check_stop_file(rosters, stop.read_stop_file(other))


def test_rosters_of_a_folder_come_in_their_order(tmp_path: Path) -> None:
    for number in (2, 10, 1):
        (tmp_path / f"{number}.json").write_bytes(str(number).encode())
    (tmp_path / "notes.json").write_bytes(b"x")
    assert roster_files(tmp_path) == [b"1", b"2", b"10"]


def test_rosters_are_read_once_and_again_when_asked_to(roster_1: bytes) -> None:
    read_so_far: list[Rosters] = []

    def load() -> Rosters:
        if len(read_so_far) == 2:
            raise RosterMissing("gone")
        read_so_far.append(read_rosters([roster_1], pin_of(roster_1)))
        return read_so_far[-1]

    known = KnownRosters(load)
    assert known() is known() is read_so_far[0]
    assert known.refresh() is known() is read_so_far[1]
    with pytest.raises(RosterMissing):
        known.refresh()
    assert known() is read_so_far[1], "what was known stays"
