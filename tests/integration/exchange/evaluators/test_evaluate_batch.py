"""An evaluator's door: who is let in, what it counts, what it logs. Real HTTP, real Postgres."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from api.http import evaluator
from register.domain.access.caller import partner
from register.domain.exchange.limits import Allowances, read_agreed_limits
from register.keys import jws
from register.keys.jwk import PrivateKey
from register.pseudonyms.errors import InvalidScalar
from register.pseudonyms.evaluation import ShareSet
from register.pseudonyms.oprf.group import Scalar
from register.services.exchange.evaluate_batch import (
    ActorNotListed,
    Listed,
    ListedAs,
    OrganisationNotListed,
    evaluate_batch,
)
from register.services.running.verify_audit import fault_of
from register.store.running.audit_leaves import Leaf
from schemas.canonical import b64, unb64
from schemas.codes import LegalBasis, Partition
from schemas.exchange.evaluation import EvaluationPurpose, EvaluationReceipt
from schemas.exchange.signed_evaluation import RECEIPT_TYP
from sync.evaluators import PATH
from sync.lists import AskersLists
from tests.integration.exchange.evaluators.net import Net, bytes_of, code, elements, request

AW, BQ, CW, NL, SX = Partition


def test_a_signed_batch_is_evaluated_counted_logged_once_and_receipted(net: Net) -> None:
    asked = request(net.clock, CW, {"phone/e1": 3, "plate/e1": 2}, actor="first")
    answer = net.post(CW, NL, asked)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert [(b["key_id"], len(b["elements"])) for b in said["batches"]] == [("phone/e1", 3), ("plate/e1", 2)]
    assert net.used(NL, "first") == 5
    (leaf,) = net.leaves(NL, asked.body.request_id)
    assert (leaf["decision"], leaf["requester"], leaf["keys"]) == ("granted", "CW", {"phone/e1": 3, "plate/e1": 2})
    assert (leaf["purpose"], leaf["basis"], leaf["organisation"]) == ("register", "CW_POLICE", "CW-KPC")
    keys = net[NL].keys
    signed = jws.verify(said["receipt"], typ=RECEIPT_TYP, keys={keys.kid: keys.signing.public()})
    receipt = EvaluationReceipt.model_validate_json(signed.payload)
    assert (receipt.iss, receipt.aud, receipt.count, receipt.body) == (NL, CW, 5, asked.body.digest())


def test_each_leaf_of_the_evaluators_log_holds_its_hash(net: Net) -> None:
    asked = request(net.clock, CW, actor="hashed")
    assert net.post(CW, NL, asked).status_code == 200
    sql = "SELECT id, at, commitment, leaf_hash FROM evaluator.evaluation_leaf WHERE commitment->>'request_id' = :id"
    (row,) = net.rows(NL, sql, id=str(asked.body.request_id))
    leaf = Leaf(*row)
    assert fault_of(leaf) is None
    assert fault_of(dataclasses.replace(leaf, commitment={**leaf.commitment, "keys": {"phone/e1": 1}})) == "hash"
    assert fault_of(dataclasses.replace(leaf, at=leaf.at - timedelta(days=1))) == "time"


def test_a_repeat_is_computed_again_and_costs_no_quota(net: Net) -> None:
    asked = request(net.clock, CW, actor="repeats")
    first = net.post(CW, NL, asked).json()
    later = request(net.clock, CW, actor="repeats", request_id=asked.body.request_id)  # issued anew, the same body
    second = net.post(CW, NL, later).json()
    assert [b["elements"] for b in first["batches"]] == [b["elements"] for b in second["batches"]]
    assert net.used(NL, "repeats") == 2
    assert [leaf["decision"] for leaf in net.leaves(NL, asked.body.request_id)] == ["granted", "repeated"]
    assert first["receipt"] == second["receipt"], "a receipt says when it was evaluated first"


def test_another_body_under_the_same_id_is_refused_and_alarmed(net: Net, capsys: pytest.CaptureFixture[str]) -> None:
    asked = request(net.clock, CW, actor="reuses")
    assert net.post(CW, NL, asked).status_code == 200
    other = request(net.clock, CW, actor="reuses", request_id=asked.body.request_id, seed="other")
    answer = net.post(CW, NL, other)
    assert (answer.status_code, code(answer)) == (409, "evaluation-id-reused")
    assert net.used(NL, "reuses") == 2
    assert [leaf["decision"] for leaf in net.leaves(NL, asked.body.request_id)] == ["granted", "evaluation-id-reused"]
    printed = capsys.readouterr()
    assert "evaluator.alarm" in printed.out + printed.err


def test_two_countries_may_use_the_same_request_id(net: Net) -> None:
    asked = request(net.clock, CW, actor="one")
    other = request(net.clock, AW, actor="other", request_id=asked.body.request_id)
    assert [net.post(CW, NL, asked).status_code, net.post(AW, NL, other).status_code] == [200, 200]


@pytest.mark.parametrize(
    "bad",
    [bytes(32), b"\xff" * 32, b"\x01" + bytes(31), bytes(31) + b"\x80", b"\xed" + b"\xff" * 30 + b"\x7f"],
    ids=["identity", "not-canonical", "negative", "high-bit", "the-prime"],
)
def test_a_malformed_element_is_refused_and_counts_nothing(net: Net, bad: bytes) -> None:
    """RFC 9496, 4.3.1 and A.3."""
    asked = request(net.clock, CW, actor="malformed")
    batch = asked.body.batches[0].model_copy(update={"elements": (*elements(1), bad)})
    asked = asked.model_copy(update={"body": asked.body.model_copy(update={"batches": (batch,)})})
    answer = net.post(CW, NL, asked)
    assert (answer.status_code, code(answer)) == (422, "invalid-group-element")
    assert net.used(NL, "malformed") == 0
    assert [leaf["decision"] for leaf in net.leaves(NL, asked.body.request_id)] == ["invalid-group-element"]


@pytest.mark.parametrize(
    ("country", "said", "refused"),
    [
        (CW, {"purpose": EvaluationPurpose.SEARCH, "case_reference": None}, "evaluation-without-case"),
        (SX, {"purpose": EvaluationPurpose.SEARCH, "legal_basis": LegalBasis.WPG8}, "evaluation-ground-foreign"),
        (CW, {"purpose": EvaluationPurpose.EPOCH}, "evaluation-epoch-without-ticket"),
    ],
)
def test_what_no_honest_node_asks_is_refused_by_name_alarmed_and_counts_nothing(
    net: Net, capsys: pytest.CaptureFixture[str], country: Partition, said: dict[str, Any], refused: str
) -> None:
    asked = request(net.clock, country, actor=refused, **said)
    answer = net.post(country, NL, asked)
    assert (answer.status_code, code(answer)) == (409, refused)
    assert net.used(NL, refused) == 0
    assert [leaf["decision"] for leaf in net.leaves(NL, asked.body.request_id)] == [refused]
    printed = capsys.readouterr()
    assert "evaluator.alarm" in printed.out + printed.err


def test_fifty_copies_of_one_element_are_refused(net: Net) -> None:
    asked = request(net.clock, CW, {"phone/e1": 1}, actor="copies")
    batch = asked.body.batches[0].model_copy(update={"elements": elements(1) * 50})
    asked = asked.model_copy(update={"body": asked.body.model_copy(update={"batches": (batch,)})})
    answer = net.post(CW, NL, asked)
    assert (answer.status_code, code(answer)) == (409, "evaluation-element-twice")
    assert net.used(NL, "copies") == 0


def test_a_record_is_registered_on_the_ground_that_it_was_entered_with(net: Net) -> None:
    asked = request(net.clock, SX, actor="entered", legal_basis=LegalBasis.WPG8, case_reference=None)
    assert net.post(SX, BQ, asked).status_code == 200


def test_a_key_or_generation_that_is_not_held_is_refused(net: Net) -> None:
    no_key = net.post(CW, NL, request(net.clock, CW, {"phone/e9": 1}, actor="odd"))
    asked = request(net.clock, CW, actor="odd")
    refreshed = net.post(CW, NL, asked.model_copy(update={"generations": {"phone/e1": 7}}))
    assert [code(no_key), code(refreshed)] == ["unknown-key-id", "wrong-share-generation"]
    assert net.used(NL, "odd") == 0


@pytest.mark.parametrize(
    ("listed", "purpose", "evaluated"),
    [
        ("listed", EvaluationPurpose.SEARCH, True),
        ("ended", EvaluationPurpose.REGISTER, True),
        ("ended", EvaluationPurpose.SEARCH, False),
        ("unknown", EvaluationPurpose.REGISTER, False),
        ("unknown", EvaluationPurpose.SEARCH, False),
    ],
)
def test_for_who_has_ended_only_what_was_registered_is_evaluated(
    net: Net, listed: ListedAs, purpose: EvaluationPurpose, *, evaluated: bool
) -> None:
    actor = f"{listed}-{purpose}"
    asked = request(net.clock, CW, actor=actor, purpose=purpose)
    caller, given = partner(NL, CW, function="evaluator"), Allowances(read_agreed_limits())
    for listed_as, refusal in (
        (Listed(listed, "listed"), OrganisationNotListed),
        (Listed("listed", listed), ActorNotListed),
    ):
        with contextlib.nullcontext() if evaluated else pytest.raises(refusal):
            evaluate_batch(
                net[NL], caller, net.shares[NL], asked, jti=net.clock.new_id(), allowances=given, listed=listed_as
            )
    assert net.used(NL, actor) == (2 if evaluated else 0)


def test_a_crash_after_counting_costs_quota_once_and_the_repeat_is_free(net: Net) -> None:
    asked = request(net.clock, CW, actor="crashes")
    shares = net.shares[NL]
    broken = dataclasses.replace(shares.share("phone/e1"), share=Scalar(bytes(32)))
    caller = partner(NL, CW, function="evaluator")
    with pytest.raises(InvalidScalar):
        evaluate_batch(
            net[NL],
            caller,
            ShareSet(NL, {"phone/e1": broken}),
            asked,
            jti=net.clock.new_id(),
            allowances=Allowances(read_agreed_limits()),
            listed=Listed("listed", "listed"),
        )
    assert net.used(NL, "crashes") == 2
    assert net.post(CW, NL, asked).status_code == 200
    assert net.used(NL, "crashes") == 2


def test_requests_at_the_same_moment_never_pass_a_quota_together(net: Net) -> None:
    asked = [request(net.clock, CW, {"phone/e1": 1, "plate/e1": 5}, actor="rush", seed=str(i)) for i in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda one: net.post(CW, NL, one).status_code, asked))
    assert sorted(answers) == [200] * 3 + [429] * 5
    assert net.used(NL, "rush") == 18


def test_the_same_question_at_the_same_moment_is_counted_once(net: Net) -> None:
    asked = request(net.clock, CW, actor="echo")
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: net.post(CW, NL, asked).status_code, range(6)))
    assert answers == [200] * 6
    assert net.used(NL, "echo") == 2
    decisions = [leaf["decision"] for leaf in net.leaves(NL, asked.body.request_id)]
    assert sorted(decisions) == ["granted"] + ["repeated"] * 5


def test_ids_of_sendings_are_forgotten_when_none_could_be_accepted_and_questions_are_not(net: Net) -> None:
    def kept(jti: str) -> bool:
        sql = "SELECT FROM evaluator.evaluation_request WHERE requester = 'sendings of CW' AND request_id = :jti"
        return bool(net.rows(NL, sql, jti=jti))

    def send(jti_ends: str) -> str:
        body = bytes_of(request(net.clock, CW, actor="old", request_id=question))
        jti = str(net.clock.new_id())[:-2] + jti_ends
        assert net.send(NL, body, net.jwt(CW, NL, body, jti=jti)).status_code == 200
        return jti

    question = net.clock.new_id()
    first = send("ff")
    net.clock.offset = timedelta(seconds=700)
    send("00")  # one of those that tidy up
    assert kept(first), "it could still be replayed"
    net.clock.offset = timedelta(seconds=721)
    send("00")
    assert not kept(first)
    assert net.used(NL, "old") == 2, "the question is still known"


def test_an_evaluator_takes_the_shares_of_its_own_country_only(net: Net) -> None:
    with pytest.raises(ValueError, match="are not for the evaluator"):
        evaluator.create(
            net[NL], lambda: net.rosters, net.shares[CW], AskersLists(net[NL], net.http(NL), lambda: net.rosters)
        )


def refused(net: Net, answer: httpx2.Response, expected: str, actor: str) -> None:
    assert 400 <= answer.status_code < 500
    assert code(answer) == expected
    assert "batches" not in answer.json()
    assert net.used(NL, actor) == 0


def test_a_request_signed_by_another_country_is_refused(net: Net) -> None:
    body = bytes_of(request(net.clock, CW, actor="stranger"))
    refused(net, net.send(NL, body, net.jwt(CW, NL, body, signer=AW)), "wrong-issuer", "stranger")
    refused(net, net.send(NL, body, net.jwt(AW, NL, body)), "evaluation-wrong-requester", "stranger")
    refused(net, net.send(NL, body, net.jwt(NL, NL, body)), "wrong-issuer", "stranger")


def test_a_request_under_a_key_that_is_in_no_roster_is_refused(net: Net) -> None:
    body = bytes_of(request(net.clock, CW, actor="forger"))
    _, payload, _ = net.jwt(CW, NL, body).split(".")
    forged = jws.sign(unb64(payload), typ="rtr-request+jwt", kid=net[CW].keys.kid, key=PrivateKey.generate())
    refused(net, net.send(NL, body, forged), "bad-signature", "forger")
    stranger = jws.sign(unb64(payload), typ="rtr-request+jwt", kid="CW-sign-9", key=PrivateKey.generate())
    refused(net, net.send(NL, body, stranger), "unknown-key", "forger")
    other_typ = jws.sign(unb64(payload), typ="rtr-page+jws", kid=net[CW].keys.kid, key=net[CW].keys.signing)
    refused(net, net.send(NL, body, other_typ), "wrong-type", "forger")


def test_a_request_for_another_country_is_refused(net: Net) -> None:
    body = bytes_of(request(net.clock, CW, actor="astray"))
    refused(net, net.send(NL, body, net.jwt(CW, SX, body)), "wrong-audience", "astray")


def test_an_unsigned_request_is_refused(net: Net) -> None:
    answer = net.send(NL, bytes_of(request(net.clock, CW, actor="unsigned")), None)
    assert answer.status_code == 401
    refused(net, answer, "unsigned-request", "unsigned")


def test_a_replayed_request_is_refused(net: Net) -> None:
    asked = request(net.clock, CW, actor="replays")
    body = bytes_of(asked)
    jwt = net.jwt(CW, NL, body)
    assert net.send(NL, body, jwt).status_code == 200
    answer = net.send(NL, body, jwt)
    assert (answer.status_code, code(answer)) == (409, "request-replayed")
    assert len(net.leaves(NL, asked.body.request_id)) == 1


def test_a_changed_body_or_another_path_is_refused(net: Net) -> None:
    body = bytes_of(request(net.clock, CW, actor="changed"))
    other = bytes_of(request(net.clock, CW, actor="changed", seed="other"))
    refused(net, net.send(NL, other, net.jwt(CW, NL, body)), "request-mismatch", "changed")
    refused(net, net.send(NL, body, net.jwt(CW, NL, body, htu=PATH + "?x=1")), "request-mismatch", "changed")


def test_a_signature_or_a_request_that_is_too_old_is_refused(net: Net) -> None:
    body = bytes_of(request(net.clock, CW, actor="late"))
    jwt = net.jwt(CW, NL, body)
    net.clock.offset = timedelta(seconds=421)
    refused(net, net.send(NL, body, jwt), "clock-skew", "late")
    # Signed anew, but the request inside is the old one.
    refused(net, net.send(NL, body, net.jwt(CW, NL, body)), "evaluation-out-of-time", "late")


def test_a_request_that_lives_longer_than_120_seconds_is_refused(net: Net) -> None:
    said = json.loads(bytes_of(request(net.clock, CW, actor="long")))
    said["expires"] = (net.clock.now() + timedelta(seconds=300)).isoformat()
    body = json.dumps(said).encode()
    refused(net, net.send(NL, body, net.jwt(CW, NL, body)), "invalid-request", "long")


def test_a_body_that_is_no_strict_json_or_too_large_is_refused(net: Net) -> None:
    twice = b'{"body":1,"body":2}'
    refused(net, net.send(NL, twice, net.jwt(CW, NL, twice)), "malformed", "twice")
    large = b" " * 300_000
    answer = net.send(NL, large, net.jwt(CW, NL, large))
    assert (answer.status_code, code(answer)) == (413, "too-large")


def test_the_tables_hold_nothing_of_what_was_blinded_or_evaluated(net: Net) -> None:
    asked = request(net.clock, CW, {"phone/e1": 2}, actor="canary", seed="canary")
    sent, answer = bytes_of(asked).decode(), net.post(CW, NL, asked)
    planted = [b64(e) for e in asked.body.batches[0].elements] + answer.json()["batches"][0]["elements"]
    assert all(p in sent + answer.text for p in planted), "the canaries must be where they are looked for"
    held = ""
    for table in ("evaluation_leaf", "evaluation_request", "evaluation_usage", "evaluation_list"):
        held += "".join(str(row[0]) for row in net.rows(NL, f"SELECT to_jsonb(t)::text FROM evaluator.{table} t"))
    assert str(asked.body.request_id) in held
    for canary in planted:
        raw = unb64(canary)
        assert canary not in held
        assert raw.hex() not in held


def test_the_evaluators_role_reaches_no_table_outside_its_schema(net: Net) -> None:
    found = net.rows(
        NL, "SELECT relname FROM pg_class c WHERE relnamespace = 'rtr'::regnamespace AND relkind IN ('r','p')"
    )
    tables = [row.relname for row in found]
    assert len(tables) > 50
    for table in tables:
        with pytest.raises(ProgrammingError, match="permission denied"):
            net.rows(NL, f"SELECT 1 FROM rtr.{table} LIMIT 1")


def test_the_evaluators_role_sees_and_writes_its_own_country_only(net: Net) -> None:
    asked = request(net.clock, CW, actor="seen")
    assert net.post(CW, NL, asked).status_code == 200
    assert net.post(CW, SX, asked).status_code == 200
    for country in (NL, SX):
        assert {row.country for row in net.rows(country, "SELECT country FROM evaluator.evaluation_leaf")} == {country}
    with pytest.raises(ProgrammingError, match="row-level security"), net[NL].database.transaction("evaluator") as c:
        c.execute(
            text(
                "INSERT INTO evaluator.evaluation_usage"
                " VALUES ('SX', 'CW', 'country', '-', 'searches', 'phone', 'day', '2026-01-01', 1)"
            )
        )
    with pytest.raises(ProgrammingError, match="permission denied"):
        net.rows(NL, "DELETE FROM evaluator.evaluation_leaf_nl")


def test_an_evaluator_says_it_is_alive_and_has_no_other_address(net: Net) -> None:
    with httpx2.Client(trust_env=False, base_url=net.urls[NL]) as client:
        assert client.get("/health").json()["country"] == "NL"
        assert [client.get(p).status_code for p in ("/v1/signals", "/v1/openapi.json", "/ready")] == [404, 404, 404]
