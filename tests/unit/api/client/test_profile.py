"""A person's profile: small, without a secret in it, and every mistake in it told in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.client import Client, connect, read_profile, write_profile
from api.client.errors import UnsafeAddress
from api.client.profile import BadProfile
from register.clock import SystemClock
from register.keys.jwk import PrivateKey
from rtr_trial.embedded.identity_provider.issuer import Client as Known
from rtr_trial.embedded.identity_provider.issuer import running
from schemas.codes import Partition
from tests.unit.api.client.builders import me
from tests.unit.api.client.server import Answer, answering

KEY = PrivateKey.generate()
WORDS = {"api": "https://rtr.example", "issuer": "https://id.example", "client_id": "c", "key_file": "k.json"}


def written(folder: Path, **words: str) -> Path:
    file = folder / "me.toml"
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in {**WORDS, **words}.items()))
    return file


def key_file(folder: Path, content: object, mode: int = 0o600) -> Path:
    file = folder / "k.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    file.chmod(mode)
    return file


def opened(file: Path) -> Client:
    return connect(read_profile(file))


def test_profile_written_for_a_persona_signs_in_as_it(tmp_path: Path) -> None:
    known = [Known(client_id="rtr-ana", subject="p-ana", keys={"a1": KEY.public()}, kind="person")]
    with (
        running(Partition.AW, audience="rtr", clients=known, clock=SystemClock(), environment="trial") as issuer,
        answering(Answer(200, me())) as server,
    ):
        file = write_profile(tmp_path, "ana", api=server.url, issuer=issuer.url, client_id="rtr-ana", key=KEY, kid="a1")
        with opened(file) as client:
            assert client.me().country == "AW"


def test_secret_stands_in_the_key_file_alone_which_others_cannot_read(tmp_path: Path) -> None:
    file = write_profile(tmp_path, "ana", api="https://a", issuer="https://b", client_id="c", key=KEY, kid="k")
    secret = json.loads((tmp_path / "ana.key.json").read_text())["d"]
    assert secret not in file.read_text()
    assert (tmp_path / "ana.key.json").stat().st_mode & 0o077 == 0
    assert read_profile(file).key_file == tmp_path / "ana.key.json"


def test_key_file_lies_beside_the_profile_wherever_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    written(tmp_path / "sub")
    monkeypatch.chdir(tmp_path)
    assert read_profile(Path("sub/me.toml")).key_file == tmp_path / "sub" / "k.json"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("api = ", "is not TOML"),
        ('api = "https://a"', "issuer: Field required"),
        ('api = "https://a"\nissuer = "https://b"\nclient_id = ""\nkey_file = "k"', "client_id"),
        ("\n".join(f'{k} = "{v}"' for k, v in {**WORDS, "password": "geheim"}.items()), "password: Unexpected"),
    ],
)
def test_mistake_in_a_profile_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "me.toml").write_text(text)
    with pytest.raises(BadProfile, match=says) as caught:
        read_profile(tmp_path / "me.toml")
    assert "geheim" not in str(caught.value)


def test_missing_profile_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match=r"nowhere\.toml cannot be read"):
        read_profile(tmp_path / "nowhere.toml")


def test_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match=r"k\.json cannot be read"):
        opened(written(tmp_path))


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key_file(tmp_path, {"kty": "OKP", "crv": "Ed25519", "d": "AA"}, mode=0o644)
    with pytest.raises(BadProfile, match="owner-only"):
        opened(written(tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        {"kty": "RSA", "d": "AA"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "OKP", "crv": "Ed25519", "d": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "d": "A" * 43, "x": "B" * 43},
    ],
)
def test_file_that_is_no_private_key_is_refused_without_repeating_it(tmp_path: Path, content: object) -> None:
    key_file(tmp_path, content)
    with pytest.raises(BadProfile) as caught:
        opened(written(tmp_path))
    assert "A" * 43 not in str(caught.value)


@pytest.mark.parametrize("word", ["api", "issuer"])
def test_address_in_the_clear_is_refused(tmp_path: Path, word: str) -> None:
    words = {"api": "https://a", "issuer": "https://b", word: "http://rtr.example"}
    file = write_profile(tmp_path, "x", client_id="c", key=KEY, kid="k", api=words["api"], issuer=words["issuer"])
    with pytest.raises(UnsafeAddress):
        opened(file)
