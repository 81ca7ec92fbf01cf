"""`rtr approve` and the keeper's key: what was shown is signed, by the passphrase, and nothing else is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.published.examples import examples
from register.keys import jws
from register.keys.approval_key import ApprovalKey
from register.keys.jwk import PublicKey
from schemas import canonical
from schemas.exchange.wire import ExtractRecord, GateApproval, NodeKey, Typ, content_of, read
from tests.unit.api.cli.desk import Person, document, person, register_of_one
from tests.unit.api.client.builders import ID, REFERENCE, signal
from tests.unit.api.client.server import Answer, Asked

PASSPHRASE = "a passphrase for tests"
ASKED: dict[str, Any] = dict(examples()["read_asked_approval"].answer) | {"id": ID, "reference": REFERENCE}

CLASS_ASKED: dict[str, Any] = dict(examples()["read_asked_class_approval"].answer)
CLASS: dict[str, Any] = dict(examples()["hand_in_class_approval"].answer)


def register_with_a_gate(asked: Asked) -> Answer:
    if asked.path in {f"/v1/signals/{ID}/approval", f"/v1/signals/{ID}/consent"} and asked.method == "GET":
        return Answer(200, ASKED)
    if asked.path == "/v1/approvals":
        return Answer(
            200, [{name: ASKED[name] for name in ("id", "reference", "version")} | {"organisation": "AW-KPA"}]
        )
    if asked.path == "/v1/class-approvals/asked":
        return Answer(200, CLASS_ASKED)
    if asked.path.partition("?")[0] == "/v1/class-approvals":
        return Answer(201, CLASS) if asked.method == "POST" else Answer(200, {"items": [CLASS], "next": None})
    if asked.path.partition("?")[0] == f"/v1/class-approvals/{CLASS['id']}/signals":
        return Answer(200, dict(examples()["list_under_class_approval"].answer))
    if asked.path == f"/v1/class-approvals/{CLASS['id']}/withdrawal":
        return Answer(200, dict(examples()["withdraw_class_approval"].answer))
    if asked.path.endswith(("/signed-approval", "/approval-withdrawal", "/signed-consent", "/consent-withdrawal")):
        return Answer(200, signal(version=2))
    return register_of_one(asked)


@pytest.fixture
def prosecutor(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", register_with_a_gate) as somebody:
        yield somebody


@pytest.fixture
def files(tmp_path: Path, prosecutor: Person) -> dict[str, str]:
    """The keeper's key, its passphrase, and the sheet for the roster."""
    named = {name: str(tmp_path / name) for name in ("om.key", "om.json", "passphrase", "asked.json")}
    Path(named["passphrase"]).write_text(f"{PASSPHRASE}\n")
    Path(named["passphrase"]).chmod(0o600)
    Path(named["asked.json"]).write_text(json.dumps(ASKED))
    made = prosecutor.rtr(
        "keys", "approval", "AW-OM", "--kind", "prosecution", "--file", named["om.key"], "--sheet", named["om.json"],
        "--passphrase-file", named["passphrase"],
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    return named


def signing(files: dict[str, str], *more: str) -> list[str]:
    return ["approve", "sign", *more, "--key", files["om.key"], "--passphrase-file", files["passphrase"]]


def proven(compact: str, files: dict[str, str]) -> GateApproval:
    row = read(NodeKey, Path(files["om.json"]).read_bytes())
    keys = {row.kid: PublicKey.from_raw(canonical.unb64(row.x))}
    return read(GateApproval, jws.verify(compact, typ=Typ.GATE_APPROVAL, keys=keys).payload)


def test_key_is_a_file_of_its_own_that_others_cannot_read_and_is_never_written_over(
    prosecutor: Person, files: dict[str, str]
) -> None:
    assert Path(files["om.key"]).stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in Path(files["om.json"]).read_text()
    before = Path(files["om.key"]).read_bytes()
    again = prosecutor.rtr(
        "keys", "approval", "AW-OM", "--kind", "prosecution", "--file", files["om.key"], "--sheet", files["om.json"],
        "--passphrase-file", files["passphrase"],
    )  # fmt: skip
    assert again.exit_code != 0
    assert "approval-key-there" in again.output
    assert Path(files["om.key"]).read_bytes() == before


def test_what_was_shown_is_signed_and_handed_in_on_the_version_that_was_read(
    prosecutor: Person, files: dict[str, str]
) -> None:
    result = prosecutor.rtr(*signing(files, REFERENCE), "--reason", "Weighed.", "--to", "nl", "--until", "2027-03-01")
    assert result.exit_code == 0, result.output
    last = prosecutor.asked[-1]
    assert (last.path, last.headers["If-Match"]) == (f"/v1/signals/{ID}/signed-approval", f'"{ASKED["version"]}"')
    sent = json.loads(last.body)
    said = proven(sent["approval"], files)
    assert said.content == content_of(read(ExtractRecord, canonical.dumps(ASKED["record"])))
    assert (said.keeper, said.task, said.actor, said.object) == (
        ASKED["keeper"], ASKED["task"], ASKED["actor"], ASKED["object"],
    )  # fmt: skip
    assert ([str(p) for p in said.recipients], f"{said.expires}") == (["NL"], "2027-03-01")
    assert sent["reason"] == "Weighed."


def test_what_would_leave_is_shown_in_words_before_the_passphrase_opens_the_key(
    prosecutor: Person, files: dict[str, str]
) -> None:
    result = prosecutor.rtr("--quiet", *signing(files, REFERENCE), "--reason", "Weighed.")
    for words in ("AW-2026-4711", "1 x phone", "Public prosecutor of Aruba", "BQ, CW, NL, SX", "until 2027-03-03"):
        assert words in result.stderr


def test_file_is_signed_without_a_register_and_only_the_approval_is_printed(
    prosecutor: Person, files: dict[str, str]
) -> None:
    before = len(prosecutor.asked)
    result = prosecutor.rtr("--quiet", *signing(files, "--asked", files["asked.json"]))
    assert result.exit_code == 0, result.output
    assert proven(result.stdout.strip(), files).object == ASKED["object"]
    assert len(prosecutor.asked) == before


def test_country_that_may_not_have_it_is_not_signed_for(prosecutor: Person, files: dict[str, str]) -> None:
    result = prosecutor.rtr(*signing(files, REFERENCE), "--reason", "Weighed.", "--to", "AW")
    assert result.exit_code != 0
    assert "not-for-them" in result.output
    assert not any(one.path.endswith("signed-approval") for one in prosecutor.asked)


def test_wrong_passphrase_signs_nothing(prosecutor: Person, files: dict[str, str]) -> None:
    Path(files["passphrase"]).write_text("another passphrase")
    result = prosecutor.rtr(*signing(files, REFERENCE), "--reason", "Weighed.")
    assert result.exit_code != 0
    assert not any(one.path.endswith("signed-approval") for one in prosecutor.asked)


def test_passphrase_that_others_can_read_opens_nothing(prosecutor: Person, files: dict[str, str]) -> None:
    Path(files["passphrase"]).chmod(0o644)
    result = prosecutor.rtr(*signing(files, REFERENCE), "--reason", "Weighed.")
    assert result.exit_code != 0
    assert "chmod 600" in result.output


def test_what_waits_is_listed_and_an_approval_is_withdrawn(prosecutor: Person) -> None:
    assert document(prosecutor.rtr("--json", "approve", "waiting"))[0]["reference"] == REFERENCE
    assert prosecutor.rtr("approve", "withdraw", REFERENCE, "--reason", "No longer.").exit_code == 0
    assert prosecutor.asked[-1].path == f"/v1/signals/{ID}/approval-withdrawal"
    assert json.loads(prosecutor.asked[-1].body) == {"reason": "No longer."}


def test_key_store_of_a_node_holds_no_approval_key(tmp_path: Path) -> None:
    """Whoever opens the node's own store with its passphrase finds nothing to approve with."""
    from register.keys.keystore import KeyStore, UnknownSecret

    KeyStore.create(tmp_path / "node", PASSPHRASE.encode()).get_or_make("node/sign")
    with pytest.raises(UnknownSecret):
        ApprovalKey.open(tmp_path / "node", PASSPHRASE.encode())


def test_consent_is_signed_as_a_consent_and_as_no_approval(prosecutor: Person, files: dict[str, str]) -> None:
    key = ["--key", files["om.key"], "--passphrase-file", files["passphrase"]]
    result = prosecutor.rtr("approve", "sign-consent", REFERENCE, "--reason", "Weighed.", "--to", "nl", *key)
    assert result.exit_code == 0, result.output
    last = prosecutor.asked[-1]
    assert last.path == f"/v1/signals/{ID}/signed-consent"
    compact = json.loads(last.body)["approval"]
    assert json.loads(canonical.unb64(compact.split(".")[0]))["typ"] == Typ.CONSENT
    assert prosecutor.rtr("approve", "withdraw-consent", REFERENCE, "--reason", "No longer.").exit_code == 0
    assert prosecutor.asked[-1].path == f"/v1/signals/{ID}/consent-withdrawal"


# --- a class --------------------------------------------------------------------------------------------------------


def signing_class(files: dict[str, str], *more: str, basis: str = "WPG8") -> list[str]:
    key = ["--key", files["om.key"], "--passphrase-file", files["passphrase"]]
    return ["approve", "class", "sign", "--basis", basis, "--visibility", "v1", "--purpose", "INVESTIGATE", *more, *key]


def test_class_is_signed_as_it_was_shown_and_handed_in(prosecutor: Person, files: dict[str, str]) -> None:
    result = prosecutor.rtr(*signing_class(files, "--reason", "Weighed.", "--to", "nl", "--until", "2026-04-01"))
    assert result.exit_code == 0, result.output
    last = prosecutor.asked[-1]
    assert (last.method, last.path) == ("POST", "/v1/class-approvals")
    said = proven(json.loads(last.body)["approval"], files)
    assert said.class_ is not None
    assert (said.class_.country, said.class_.legal_basis, said.class_.visibility, said.class_.edition) == (
        "BQ", "WPG8", "V1", CLASS_ASKED["edition"],
    )  # fmt: skip
    assert ([str(p) for p in said.recipients], f"{said.expires}", said.object) == (["NL"], "2026-04-01", None)


def test_what_a_class_never_covers_is_shown_before_the_key_opens(prosecutor: Person, files: dict[str, str]) -> None:
    result = prosecutor.rtr("--quiet", *signing_class(files, "--reason", "Weighed."))
    for words in ("unread", "WPG8", "2026-06-01", "somebody's protection", "BQ-OM"):
        assert words in result.stderr


@pytest.mark.parametrize("wrong", [["--to", "BQ"], ["--until", "2026-06-02"], []])
def test_class_that_the_edition_does_not_take_is_not_signed(
    prosecutor: Person, files: dict[str, str], wrong: list[str]
) -> None:
    basis = "WPG8" if wrong else "WPG10A"
    result = prosecutor.rtr(*signing_class(files, "--reason", "Weighed.", *wrong, basis=basis))
    assert result.exit_code != 0
    assert "no-such-class" in result.output
    assert not any(one.method == "POST" for one in prosecutor.asked)


def test_class_is_signed_from_a_file_without_a_register(
    prosecutor: Person, files: dict[str, str], tmp_path: Path
) -> None:
    file, before = tmp_path / "class.json", len(prosecutor.asked)
    file.write_text(json.dumps(CLASS_ASKED))
    result = prosecutor.rtr("--quiet", *signing_class(files, "--asked", str(file)))
    assert result.exit_code == 0, result.output
    assert proven(result.stdout.strip(), files).class_ is not None
    assert len(prosecutor.asked) == before


def test_classes_are_listed_with_what_left_on_each_and_withdrawn(prosecutor: Person) -> None:
    assert document(prosecutor.rtr("--json", "approve", "class", "list"))["items"][0]["id"] == CLASS["id"]
    assert document(prosecutor.rtr("--json", "approve", "class", "show"))["days_max"] == CLASS_ASKED["days_max"]
    assert "BQ-2026-4711" in prosecutor.rtr("approve", "class", "went", CLASS["id"]).output
    result = prosecutor.rtr("approve", "class", "withdraw", CLASS["id"], "--reason", "No longer.")
    assert "All of it is taken back." in result.output
    assert json.loads(prosecutor.asked[-1].body) == {"reason": "No longer."}
