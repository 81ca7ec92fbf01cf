"""Claims of tokens: the one who may, for whom, and only now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from register.keys import jws, tokens
from register.keys.jwk import PrivateKey

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ISSUER, AUDIENCE = "https://login.aw.example", "regional-theme-register"
KEY, STRANGER = PrivateKey.from_raw(bytes(range(32))), PrivateKey.from_raw(bytes(range(1, 33)))
KEYS = {"k1": KEY.public()}
IAT = int(NOW.timestamp())


def access(changes: Mapping[str, Any] | None = None, *, typ: str = "at+jwt", key: PrivateKey = KEY) -> str:
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "p-17",
        "client_id": "rtr-pages",
        "jti": "j-1",
        "iat": IAT,
        "exp": IAT + 600,
        **(changes or {}),
    }
    whole = {name: value for name, value in claims.items() if value is not None}
    return jws.sign(json.dumps(whole).encode(), typ=typ, kid="k1", key=key)


def read(token: str, now: datetime = NOW) -> tokens.AccessToken:
    return tokens.read_access_token(token, issuer=ISSUER, audience=AUDIENCE, keys=KEYS, now=now)


def test_access_token_tells_who_and_until_when() -> None:
    token = read(access())

    assert (token.issuer, token.subject, token.client_id, token.jti) == (ISSUER, "p-17", "rtr-pages", "j-1")
    assert token.expires_at - token.issued_at == timedelta(minutes=10)


def test_access_token_may_name_several_audiences() -> None:
    assert read(access({"aud": ["another", AUDIENCE]})).subject == "p-17"


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "client_id", "jti", "iat", "exp"])
def test_access_token_without_a_required_claim_is_refused(claim: str) -> None:
    with pytest.raises(tokens.TokenRefused):
        read(access({claim: None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://login.cw.example"},
        {"iss": ISSUER + "/"},
        {"aud": "another"},
        {"aud": []},
        {"aud": [[AUDIENCE]]},
        {"aud": AUDIENCE + "x"},
        {"aud": {AUDIENCE: 1}},
        {"sub": ""},
        {"sub": 17},
        {"sub": "x" * 256},
        {"sub": "p-17\n"},
        {"jti": ["j"]},
        {"client_id": True},
        {"iat": str(IAT)},
        {"iat": True},
        {"iat": -1},
        {"exp": IAT + 600.5},
        {"exp": 10**30},
        {"exp": 10**12},
        {"exp": IAT},
        {"exp": IAT - 1},
        {"exp": IAT + 3_601},
        {"nbf": IAT + 31},
        {"nbf": "now"},
    ],
)
def test_access_token_with_a_claim_that_does_not_hold_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(tokens.TokenRefused):
        read(access(changes))


@pytest.mark.parametrize("typ", ["JWT", "at+jws", "application/at+jwt", "rtr-request+jwt", "id+jwt"])
def test_token_of_another_type_is_no_access_token(typ: str) -> None:
    with pytest.raises(tokens.TokenRefused) as caught:
        read(access(typ=typ))
    assert caught.value.details == {"reason": "wrong-type"}


def test_bad_signature_means_not_signed_in_and_not_a_partners_fault() -> None:
    with pytest.raises(tokens.TokenRefused) as caught:
        read(access(key=STRANGER))
    assert caught.value.details == {"reason": "bad-signature"}


@pytest.mark.parametrize(("late_s", "held"), [(-31, False), (-30, True), (0, True), (630, True), (631, False)])
def test_access_token_holds_from_its_making_to_its_end_with_half_a_minute_of_leeway(late_s: int, held: bool) -> None:  # noqa: FBT001 - a column of the table above
    now = NOW + timedelta(seconds=late_s)

    if held:
        assert read(access(), now).jti == "j-1"
    else:
        with pytest.raises(tokens.TokenRefused):
            read(access(), now)


def test_expired_token_says_so() -> None:
    with pytest.raises(tokens.TokenExpired):
        read(access(), NOW + timedelta(hours=2))


def test_token_is_never_repeated_in_a_refusal() -> None:
    token = access({"aud": "another", "sub": "Zeno Testman"})
    with pytest.raises(tokens.TokenRefused) as caught:
        read(token)
    assert token not in str(caught.value)
    assert "Testman" not in str(caught.value)


def test_access_token_made_here_is_read_here() -> None:
    made = tokens.sign_access_token(
        issuer=ISSUER,
        audience=AUDIENCE,
        subject="s-1",
        client_id="c-1",
        jti="j-2",
        now=NOW,
        lifetime=timedelta(minutes=5),
        kid="k1",
        key=KEY,
    )

    assert read(made).subject == "s-1"


def test_token_says_when_and_how_its_person_signed_in_or_that_it_does_not_know() -> None:
    said = read(access({"auth_time": IAT - 200, "acr": "2"})).authenticated
    assert (said.at, said.acr) == (NOW - timedelta(seconds=200), "2")
    silent = read(access()).authenticated
    assert (silent.at, silent.acr) == (None, "")


def test_nobody_signed_in_later_than_the_token_was_made() -> None:
    """Else a provider, or a clock, could give out sign-ins that stay fresh for years."""
    assert read(access({"auth_time": IAT + 10**6})).authenticated.at == NOW


@pytest.mark.parametrize("value", ["1700000000", 1.5, -1, True, [], {}, 10**12])
def test_token_whose_time_of_signing_in_is_no_whole_number_of_seconds_is_refused(value: object) -> None:
    with pytest.raises(tokens.TokenRefused, match="auth_time"):
        read(access({"auth_time": value}))


# The assertion of a client


def assertion(**changes: Any) -> str:
    known = {"client_id": "cw-coastguard", "audience": ISSUER, "jti": "a-1", "now": NOW, "kid": "k1", "key": KEY}
    return tokens.sign_client_assertion(**{**known, **changes})


def read_assertion(compact: str, now: datetime = NOW) -> tokens.ClientAssertion:
    return tokens.read_client_assertion(compact, client_id="cw-coastguard", audience=ISSUER, keys=KEYS, now=now)


def test_assertion_proves_the_client_and_says_how_long_to_remember_it() -> None:
    proof = read_assertion(assertion())

    assert (proof.client_id, proof.jti) == ("cw-coastguard", "a-1")
    with pytest.raises(tokens.TokenExpired):
        read_assertion(assertion(), proof.remember_until + timedelta(seconds=1))


@pytest.mark.parametrize(
    "changes", [{"client_id": "another"}, {"audience": "https://other.example"}, {"key": STRANGER}, {"jti": ""}]
)
def test_assertion_that_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(tokens.TokenRefused):
        read_assertion(assertion(**changes))


def test_assertion_for_several_audiences_is_refused() -> None:
    """An assertion that also fits another issuer could be replayed there."""
    claims = {
        "iss": "cw-coastguard",
        "sub": "cw-coastguard",
        "aud": [ISSUER, "https://other.example"],
        "jti": "a",
        "iat": IAT,
        "exp": IAT + 60,
    }
    with pytest.raises(tokens.TokenRefused):
        read_assertion(jws.sign(claims, typ=tokens.ASSERTION_TYP, kid="k1", key=KEY))


def test_access_token_is_no_assertion() -> None:
    with pytest.raises(tokens.TokenRefused):
        read_assertion(access({"iss": "cw-coastguard", "sub": "cw-coastguard", "aud": ISSUER}))
