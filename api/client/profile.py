"""A person's profile: which register, which provider, as whom, and where the key lies. A small TOML file.

```toml
api = "https://register.example.aw"
issuer = "https://sign-in.example.aw"
client_id = "aw-dimas"
key_file = "aw-dimas.key.json"   # beside the profile, or an absolute path; a private JWK (RFC 8037), owner-only
```

The profile holds no secret; the key file does, and one that others can read is refused.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from api.client.client import Client
from api.client.connection import Retry
from api.client.tokens import SignIn
from api.http.sign_in import ClientKey
from register.errors import OperatorError
from register.keys.jwk import PrivateKey, UnusableKey
from register.keys.strict_json import (
    NotStrictBase64,
    NotStrictJson,
    decode_base64url,
    encode_base64url,
    parse_object,
)


class BadProfile(OperatorError):
    """A profile, or the key it names, cannot be used."""

    code = "bad-profile"
    advice = "Correct the profile as the message says: api, issuer, client_id and key_file, and no other member."


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a profile says.

    Attributes:
        api: address of the register.
        issuer: address of the country's provider of sign-in.
        client_id: as the provider knows us.
        key_file: absolute.
        kid: of the key at the provider; empty takes the key's own name or thumbprint.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", str_min_length=1)
    api: str
    issuer: str
    client_id: str
    key_file: Path
    kid: str | None = None


_ADAPTER = TypeAdapter(Profile)


def read_profile(file: Path) -> Profile:
    """Read a profile.

    Raises:
        BadProfile: it is missing, not TOML, or a member is missing, unknown or of another kind.
    """
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadProfile(f"the profile {file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadProfile(f"the profile {file} is not TOML") from None
    try:
        profile = _ADAPTER.validate_python(values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise BadProfile(f"the profile {file} is refused: {wrong}") from None
    return Profile(
        api=profile.api,
        issuer=profile.issuer,
        client_id=profile.client_id,
        key_file=(file.parent / profile.key_file).absolute(),
        kid=profile.kid,
    )


def write_profile(folder: Path, name: str, *, api: str, issuer: str, client_id: str, key: PrivateKey, kid: str) -> Path:
    """Write `NAME.toml` and, owner-only, `NAME.key.json` into a folder; return the profile's path."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_file, file = folder / f"{name}.key.json", folder / f"{name}.toml"
    fresh = key_file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
        json.dump({**key.public().jwk(kid), "d": encode_base64url(key.raw())}, out)
    fresh.replace(key_file)
    words = {"api": api, "issuer": issuer, "client_id": client_id, "key_file": key_file.name}
    # A JSON text of these characters is a TOML text as well.
    file.write_text("".join(f"{word} = {json.dumps(value)}\n" for word, value in words.items()), encoding="utf-8")
    return file


def connect(profile: Profile, *, retry: Retry | None = None, timeout_s: float = 10.0) -> Client:
    """Return a client for the profile's register; it signs in with its first request.

    Raises:
        BadProfile: the key file is missing, open to others, or not a private Ed25519 JWK.
        UnsafeAddress: the register's or the provider's address is neither https nor on the loopback.
    """
    me = _client_key(profile)
    return Client(profile.api, SignIn(profile.issuer, me), retry=retry, timeout_s=timeout_s)


def _client_key(profile: Profile) -> ClientKey:
    file = profile.key_file
    try:
        if file.stat().st_mode & 0o077:
            raise BadProfile(f"the key {file} can be read by others; make it owner-only (chmod 600)")
        jwk = parse_object(file.read_bytes())
    except OSError as error:
        raise BadProfile(f"the key {file} cannot be read: {error.strerror}") from None
    except NotStrictJson:
        raise BadProfile(f"the key {file} is not a JWK") from None
    if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519") or not isinstance(jwk.get("d"), str):
        raise BadProfile(f"the key {file} is not a private Ed25519 key (kty OKP, crv Ed25519, d)")
    try:
        key = PrivateKey.from_raw(decode_base64url(jwk["d"]))
    except (NotStrictBase64, UnusableKey):
        raise BadProfile(f"the key {file} does not hold 32 bytes of base64url in `d`") from None
    public = key.public()
    if jwk.get("x", encode_base64url(public.raw())) != encode_base64url(public.raw()):
        raise BadProfile(f"the two halves of the key {file} do not belong together")
    named = jwk.get("kid")
    kid = profile.kid or (named if isinstance(named, str) and named else public.thumbprint())
    return ClientKey(profile.client_id, kid, key)
