"""Heads and signed requests: freshness by nonce, exactness, clocks (fault cases 8, 9)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from register.errors import PartnerError
from schemas.exchange.wire import Typ, document
from sync.protocol.documents.head import build_head, check_pull, read_head
from sync.protocol.documents.request import Call, check_request, request_claims
from sync.protocol.documents.signed import Trust
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.refusals import BeyondTip, ClockSkew, IncarnationClosed, NonceMismatch
from tests.simulator.builders import an_id
from tests.simulator.fakes import FakeSigner, FakeVerifier, a_roster, rosters_of, sign_kid
from tests.unit.exchange.scene import AW, CW, LOG, NOW, START, Scene

SCENE = Scene()
NONCE = "question-number-1"
CALL = Call("GET", "/sync/v1/log?inc=1&after=0")


def a_head(nonce: str = NONCE) -> bytes:
    return SCENE.signer.sign(
        Typ.HEAD, document(build_head(LOG, START, at=NOW, nonce=nonce, roster=1, editions=[bytes(32)]))
    )


def test_a_head_that_answers_our_question_is_fresh() -> None:
    assert read_head(a_head(), SCENE.trust, nonce=NONCE).claims.tip_seq == 0


def test_an_old_head_that_a_proxy_repeats_is_refused() -> None:
    with pytest.raises(NonceMismatch):
        read_head(a_head(), SCENE.trust, nonce="question-number-2")


@pytest.mark.parametrize("after", [0, 7])
def test_a_pull_within_the_log_is_answered(after: int) -> None:
    check_pull(LOG, Tip(7, bytes(32)), incarnation=1, after=after)


@pytest.mark.parametrize(("incarnation", "after"), [(1, 8), (2, 0)])
def test_a_pull_beyond_the_tip_is_refused(incarnation: int, after: int) -> None:
    with pytest.raises(BeyondTip):
        check_pull(LOG, Tip(7, bytes(32)), incarnation=incarnation, after=after)


def test_a_pull_from_a_closed_incarnation_is_told_the_new_one() -> None:
    with pytest.raises(IncarnationClosed) as refused:
        check_pull(LogId(CW, AW, 2), START, incarnation=1, after=0)
    assert refused.value.details == {"incarnation": 2}


def signed(call: Call = CALL, *, at: datetime = NOW, aud: str = "CW", **changes: object) -> bytes:
    claims = document(request_claims(AW, CW, call, now=at, nonce=NONCE, jti=an_id(1), roster=1))
    return FakeSigner(sign_kid(AW)).sign(Typ.REQUEST, claims | {"aud": aud} | changes)


TRUST = Trust(CW, None, rosters_of(a_roster()), FakeVerifier())


def code_of(jws: bytes, call: Call = CALL, now: datetime = NOW) -> str:
    with pytest.raises(PartnerError) as refused:
        check_request(jws, call, TRUST, now=now)
    return refused.value.code


def test_the_signature_tells_who_calls() -> None:
    request = check_request(signed(), CALL, TRUST, now=NOW)
    assert (request.issuer, request.claims.nonce) == (AW, NONCE)


@pytest.mark.parametrize(
    "call", [Call("POST", CALL.path), Call("GET", "/sync/v1/log?inc=1&after=9"), Call("GET", CALL.path, b"body")]
)
def test_a_request_other_than_the_one_signed_is_refused(call: Call) -> None:
    assert code_of(signed(), call) == "request-mismatch"


def test_a_request_for_another_country_is_refused() -> None:
    assert code_of(signed(aud="SX")) == "wrong-audience"


def test_a_request_that_names_another_caller_than_its_key_is_refused() -> None:
    assert code_of(signed(iss="SX")) == "wrong-issuer"


@pytest.mark.parametrize("seconds", [-1, 0, 121])
def test_a_request_that_lives_longer_than_120_seconds_is_refused(seconds: int) -> None:
    assert code_of(signed(exp=int(NOW.timestamp()) + seconds)) == "malformed"


@pytest.mark.parametrize(
    "offset", [timedelta(days=-3), timedelta(seconds=-301), timedelta(seconds=421), timedelta(days=400)]
)
def test_a_clock_that_is_off_is_told_both_times(offset: timedelta) -> None:
    with pytest.raises(ClockSkew, match=r"2026-02-01T12:00:00\.000Z") as refused:
        check_request(signed(), CALL, TRUST, now=NOW + offset)
    assert (refused.value.code, refused.value.details["theirs"]) == ("clock-skew", "2026-02-01T12:00:00.000Z")
    assert refused.value.details["ours"] in str(refused.value)


@pytest.mark.parametrize("seconds", [-300, 0, 120, 420])
def test_a_clock_within_the_leeway_is_accepted(seconds: int) -> None:
    assert check_request(signed(), CALL, TRUST, now=NOW + timedelta(seconds=seconds)).issuer is AW


def test_a_body_is_bound_to_its_request() -> None:
    call = Call("POST", "/sync/v1/receipts", b"receipt")
    assert check_request(signed(call), call, TRUST, now=NOW).claims.body == call.digest
