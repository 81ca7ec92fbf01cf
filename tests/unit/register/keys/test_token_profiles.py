"""Tokens as common providers make them: each peculiarity is let in by a setting of its own, and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from register.keys.jwk import OLDER, PrivateKey, PublicKey, UnusableKey, read_key_set
from register.keys.jws import RefusedAlgorithm, verify
from register.keys.strict_json import encode_base64url
from register.keys.tokens import (
    STRICT,
    AccessToken,
    TokenExpired,
    TokenProfile,
    TokenRefused,
    profile_that_takes,
    read_access_token,
    read_id_token,
)
from register.settings import BadSettings, load

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
ISSUER, AUDIENCE, PAGES = "https://login.aw.example", "regional-theme-register", "rtr-pages"
RSA = rsa.generate_private_key(65_537, 2_048)
ED = PrivateKey.from_raw(bytes(range(32)))
CLAIMS: Mapping[str, Any] = {
    "iss": ISSUER, "aud": AUDIENCE, "sub": "p-17", "client_id": PAGES, "jti": "j-1",
    "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 600,
}  # fmt: skip
AS_COMMON_PROVIDERS_DO = TokenProfile(
    older_algorithms=frozenset({"RS256"}),
    access_typ="JWT",
    client_claim="azp",
    needs_id=False,
    lifetime_max=timedelta(minutes=65),
    leeway=timedelta(seconds=60),
)


def published(**more: object) -> bytes:
    """The key set of a provider that signs with both keys; `alg` where given."""
    numbers = RSA.public_key().public_numbers()
    of_rsa = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), "kid": "rsa", **more}
    of_ed = {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(ED.public().raw()), "kid": "ed", **more}
    return json.dumps({"keys": [of_rsa, of_ed]}).encode()


def number(value: int) -> str:
    return encode_base64url(value.to_bytes((value.bit_length() + 7) // 8))


def made(alg: str = "RS256", *, typ: str = "JWT", without: tuple[str, ...] = (), **claims: Any) -> str:
    """A token as PyJWT, a stranger to our door, makes it."""
    whole = {name: value for name, value in {**CLAIMS, **claims}.items() if name not in without}
    key, kid = (ED.key, "ed") if alg == "EdDSA" else (RSA, "rsa")
    return jwt.encode(whole, key, algorithm=alg, headers={"kid": kid, "typ": typ})


def read(token: str, profile: TokenProfile, keys: Mapping[str, PublicKey] | None = None) -> AccessToken:
    keys = read_key_set(published(), profile.older_algorithms) if keys is None else keys
    return read_access_token(token, issuer=ISSUER, audience=AUDIENCE, keys=keys, now=NOW, profile=profile)


COMMON = made(without=("client_id", "jti"), azp=PAGES, exp=CLAIMS["iat"] + 65 * 60)
AHEAD = made(iat=CLAIMS["iat"] + 40, exp=CLAIMS["exp"])


def test_token_as_common_providers_make_it_is_taken_by_the_settings_of_its_issuer() -> None:
    token = read(COMMON, AS_COMMON_PROVIDERS_DO)
    assert (token.subject, token.client_id, token.expires_at) == ("p-17", PAGES, NOW + timedelta(minutes=65))
    assert read(made("EdDSA", typ="at+jwt"), replace(STRICT, older_algorithms=frozenset({"EdDSA"}))).jti == "j-1"
    assert read(AHEAD, replace(AS_COMMON_PROVIDERS_DO, client_claim="client_id")).subject == "p-17"


def test_token_without_an_id_is_known_by_what_nobody_else_can_sign() -> None:
    first, again = read(COMMON, AS_COMMON_PROVIDERS_DO), read(COMMON, AS_COMMON_PROVIDERS_DO)
    other = read(made(without=("client_id", "jti"), azp=PAGES, sub="p-18"), AS_COMMON_PROVIDERS_DO)
    assert first.jti == again.jti != other.jti


@pytest.mark.parametrize("setting", [one.name for one in fields(TokenProfile)])
def test_each_peculiarity_is_refused_unless_its_own_setting_lets_it_in(setting: str) -> None:
    token = made(without=("client_id", "jti"), azp=PAGES, iat=CLAIMS["iat"] + 40, exp=CLAIMS["iat"] + 40 + 65 * 60)
    assert read(token, AS_COMMON_PROVIDERS_DO).subject == "p-17"
    keys = read_key_set(published(), AS_COMMON_PROVIDERS_DO.older_algorithms)
    with pytest.raises(TokenRefused):
        read(token, replace(AS_COMMON_PROVIDERS_DO, **{setting: getattr(STRICT, setting)}), keys)


def test_id_token_of_the_pages_is_never_an_access_token() -> None:
    """With `typ: JWT` nothing in the header tells them apart."""
    cases: tuple[dict[str, Any], ...] = ({"nonce": "n"}, {"aud": PAGES})
    for claims in cases:
        with pytest.raises(TokenRefused):
            read(made(azp=PAGES, **claims), AS_COMMON_PROVIDERS_DO)


@pytest.mark.parametrize("name", ["", None])
def test_id_token_without_a_name_signs_in(name: str | None) -> None:
    said: dict[str, Any] = {} if name is None else {"name": name}
    token = made(aud=PAGES, nonce="n", **said)
    found = read_id_token(
        token, issuer=ISSUER, client_id=PAGES, nonce="n", keys=read_key_set(published(), OLDER), now=NOW,
        profile=AS_COMMON_PROVIDERS_DO,
    )  # fmt: skip
    assert (found.subject, found.name) == ("p-17", "")


def test_a_key_serves_one_algorithm_whatever_the_settings_let_in() -> None:
    for alg in ("PS256", "RS256"):
        other = "RS256" if alg == "PS256" else "PS256"
        keys = read_key_set(published(alg=alg, use="sig"), OLDER) if alg == "RS256" else _only_ps256()
        assert verify(made(alg), typ="JWT", keys=keys, algorithms={keys["rsa"].algorithm}, older=OLDER).kid == "rsa"
        with pytest.raises(RefusedAlgorithm):
            verify(made(other), typ="JWT", keys=keys, algorithms={"PS256"}, older=OLDER)


def _only_ps256() -> dict[str, PublicKey]:
    document = json.loads(published())
    document["keys"] = [{**document["keys"][0], "alg": "PS256"}]
    return read_key_set(json.dumps(document).encode(), OLDER)


@pytest.mark.parametrize("older", [frozenset(), frozenset({"EdDSA"})])
def test_rs256_is_refused_where_no_setting_lets_it_in(older: frozenset[Any]) -> None:
    keys = read_key_set(published(), older)
    assert keys["rsa"].algorithm == "PS256"
    with pytest.raises(TokenRefused):
        read(made(), replace(AS_COMMON_PROVIDERS_DO, client_claim="client_id", older_algorithms=older), keys)


@given(
    st.sampled_from(["RS256", "PS256", "EdDSA"]), st.sampled_from(["JWT", "at+jwt"]),
    st.sampled_from(["client_id", "azp", "appid"]), st.booleans(), st.integers(1, 24 * 60), st.integers(-300, 300),
)  # fmt: skip
def test_profile_that_is_named_takes_the_token_and_is_the_nearest_that_does(
    alg: str,
    typ: str,
    claim: str,
    has_id: bool,  # noqa: FBT001 - drawn
    minutes: int,
    ahead_s: int,
) -> None:
    begins = CLAIMS["iat"] + ahead_s
    without = ("client_id", *(() if has_id else ("jti",)))
    token = made(alg, typ=typ, without=without, iat=begins, exp=begins + minutes * 60, **{claim: PAGES})
    if claim == "client_id":
        token = made(alg, typ=typ, without=without[1:], iat=begins, exp=begins + minutes * 60)
    keys = read_key_set(published(), OLDER)
    if alg == "PS256":
        keys = _only_ps256()
    where: dict[str, Any] = {"issuer": ISSUER, "audience": AUDIENCE, "keys": keys, "now": NOW}
    if begins + minutes * 60 + 300 < NOW.timestamp():
        with pytest.raises(TokenExpired):
            profile_that_takes(token, **where, profile=STRICT)
        return
    needs = profile_that_takes(token, **where, profile=STRICT)
    assert read(token, needs, keys).subject == "p-17"
    for one in fields(TokenProfile):
        if getattr(needs, one.name) != getattr(STRICT, one.name):
            with pytest.raises(TokenRefused):
                read(token, replace(needs, **{one.name: getattr(STRICT, one.name)}), keys)


def test_what_no_setting_can_mend_is_told_as_it_is() -> None:
    keys = read_key_set(published(), OLDER)
    for wrong, word in (({"aud": "another"}, "audience"), ({"sub": ""}, "sub"), ({"exp": 0}, "lifetime")):
        with pytest.raises(TokenRefused, match=word):
            profile_that_takes(made(**wrong), issuer=ISSUER, audience=AUDIENCE, keys=keys, now=NOW, profile=STRICT)


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url((2).to_bytes(32, "little"))},
        {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url((7).to_bytes(32, "little"))},
        {"kty": "RSA", "n": number(RSA.public_key().public_numbers().n - 1), "e": "AQAB"},
        {"kty": "RSA", "n": number((2**1_024 - 105) ** 2), "e": "AQAB"},
    ],
    ids=["off the curve", "off the curve too", "even modulus", "square modulus"],
)
def test_key_that_can_be_nobody_s_is_refused(jwk: dict[str, str]) -> None:
    with pytest.raises(UnusableKey):
        PublicKey.from_jwk(jwk)


@given(st.binary(min_size=32, max_size=32))
def test_every_key_that_somebody_can_hold_is_a_point_of_the_curve(secret: bytes) -> None:
    public = PrivateKey.from_raw(secret).public()
    assert PublicKey.from_raw(public.raw()).raw() == public.raw()


@pytest.mark.parametrize(
    ("tokens", "word"),
    [
        ("lifetime_max_s = 86401", "lifetime_max_s"),
        ("clock_s = 301", "clock_s"),
        ("clock_s = 0", "clock_s"),
        ('older_algorithms = ["HS256"]', "older_algorithms"),
        ('client_claim = "sub"', "client_claim"),
    ],
)
def test_settings_let_in_what_is_listed_and_no_more(tmp_path: Any, tokens: str, word: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"[country.AW.tokens]\n{tokens}\n")
    with pytest.raises(BadSettings, match=word):
        load(file, {})


def test_settings_that_would_let_id_tokens_in_as_access_tokens_are_refused(tmp_path: Any) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[country.AW]\naudience = "one"\nclient_id = "one"\n[country.AW.tokens]\naccess_typ = "JWT"\n')
    with pytest.raises(BadSettings, match="must differ"):
        load(file, {})


def test_settings_of_tokens_come_from_the_environment_too() -> None:
    said = load(None, {"RTR_COUNTRY__AW__TOKENS__OLDER_ALGORITHMS": "RS256,EdDSA"})[0]
    assert said.country["AW"].tokens.older_algorithms == ("RS256", "EdDSA")  # type: ignore[index] # as read
