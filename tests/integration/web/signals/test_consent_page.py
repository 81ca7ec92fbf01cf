"""The prosecutor's consent, and an approval for named recipients, at the pages: given there, and said back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from api.cli.signals.approve import approval_of
from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from schemas.signals.approvals import ApprovalAskedOut
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.web.walk import send
from tests.support.exchange.keepers import a_keeper
from tests.support.forms import a_form
from tests.support.told import share_all
from tests.support.web.pages import Browserless, Pages, pages

AW, BQ, CW, NL, SX = Partition.AW, Partition.BQ, Partition.CW, Partition.NL, Partition.SX
PLACE = {"island": "NL", "location_type": "STREET"}
PAPER = "Decision of 2 March 2026, OM-2026-04711; weighed."


@pytest.fixture(scope="module")
def netherlands() -> Iterator[Pages]:
    with pages(countries=(NL,), serving=(NL,)) as made:
        yield made


@pytest.fixture
def prosecutor(netherlands: Pages) -> Iterator[Browserless]:
    with Browserless(netherlands[NL].url) as person:
        person.sign_in("nl-gate")
        yield person


def crime(netherlands: Pages, by: str = "NL-KMAR", **parts: object) -> SignalOut:
    caller = netherlands.world.caller(by, Task.SUBMIT, Task.READ_OWN, actor="nl-night")
    register = netherlands[NL].register
    form = a_form(**{"place": PLACE, "legal_basis": "WPG10A", "crime_class": "TRAFFICKING", **parts})
    return record_signal(register, caller, form, str(register.clock.new_id()))


def words(person: Browserless, path: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", person.get(path).text))


def test_consent_is_given_on_its_page_and_shown_with_who_when_and_on_which_paper(
    netherlands: Pages, prosecutor: Browserless
) -> None:
    signal = crime(netherlands)
    report = f"/ours/{signal.id}"
    assert f'href="{report}/consent"' in prosecutor.get(report).text
    missing = send(prosecutor, f"{report}/consent", {"version": "1", "reason": ""})
    assert "Say why, in a few words." in missing.text
    done = send(prosecutor, f"{report}/consent", {"version": "1", "reason": PAPER})
    assert done.headers["location"] == f"{report}?done=consent"
    page = words(prosecutor, done.headers["location"])
    assert "Your consent stands with the report, for" in page
    rests = page.partition("What it rests on")[2].partition("Timeline")[0]
    assert re.search(r"The prosecutor consented to its provision \d+ \w+ \d{4}, \d\d:\d\d, by you", rests)
    assert PAPER in rests
    assert f'href="{report}/consent"' not in prosecutor.get(report).text, "it stands"


def test_consent_ends_with_a_correction_and_is_asked_for_anew(netherlands: Pages, prosecutor: Browserless) -> None:
    signal = crime(netherlands)
    report = f"/ours/{signal.id}"
    send(prosecutor, f"{report}/consent", {"version": "1", "reason": PAPER})
    caller = netherlands.world.caller("NL-KMAR", Task.SUBMIT, actor="nl-night")
    change = AmendIn.model_validate({"changes": {"account": "Seen twice."}, "reason": "Told later."})
    amend_signal(netherlands[NL].register, caller, SignalId(signal.id), change, version=2)
    rests = words(prosecutor, report).partition("What it rests on")[2].partition("Timeline")[0]
    assert "The prosecutor consented" not in rests
    assert f'href="{report}/consent"' in prosecutor.get(report).text


def test_consent_is_fetched_signed_pasted_and_withdrawn(netherlands: Pages, prosecutor: Browserless) -> None:
    """Where the edition takes words too, what was signed is checked all the same."""
    signal, register = crime(netherlands), netherlands[NL].register
    share_all(register)
    report = f"/ours/{signal.id}"
    file = prosecutor.get(f"{report}/consent/asked")
    assert file.headers["content-disposition"].startswith("attachment")
    asked = ApprovalAskedOut.model_validate_json(file.text)
    key, claims = a_keeper("NL-OM", "prosecution"), approval_of(asked, str(register.clock.new_id()), to=[], until=None)
    for typed in (key.sign(claims), "e30.e30.AAAA", "no consent at all"):
        page = send(prosecutor, f"{report}/consent", {"version": "1", "reason": PAPER, "approval": typed})
        assert 'href="#approval"' in page.text
    compact = key.sign(claims, consents=True)
    done = send(prosecutor, f"{report}/consent", {"version": "1", "reason": PAPER, "approval": compact})
    assert done.headers["location"] == f"{report}?done=consent", done.text
    back = send(prosecutor, f"{report}/unconsent", {"version": "2", "reason": "Another turn."})
    assert back.headers["location"] == f"{report}?done=unconsent"
    assert "consent withdrawn; taken back from partners" in words(prosecutor, report)
    again = send(prosecutor, f"{report}/unconsent", {"version": "3", "reason": "Once more."})
    assert "Nobody consents any more." in again.text


def test_nobody_else_is_offered_it_and_no_report_that_asks_for_none(
    netherlands: Pages, prosecutor: Browserless
) -> None:
    signal, other = crime(netherlands), crime(netherlands, legal_basis="WPG8", crime_class=None)
    assert f'href="/ours/{other.id}/consent"' not in prosecutor.get(f"/ours/{other.id}").text
    refused = send(prosecutor, f"/ours/{other.id}/consent", {"version": "1", "reason": PAPER})
    assert "Its legal ground asks for no consent." in refused.text
    own = crime(netherlands, by="NL-OM")
    assert f'href="/ours/{own.id}/consent"' not in prosecutor.get(f"/ours/{own.id}").text
    assert send(prosecutor, f"/ours/{own.id}/consent", {"version": "1", "reason": PAPER}).status_code == 403
    with Browserless(netherlands[NL].url) as officer:
        officer.sign_in("nl-night")
        assert "/consent" not in officer.get(f"/ours/{signal.id}").text
        for page in ("consent", "consent/asked", "unconsent"):
            assert officer.get(f"/ours/{signal.id}/{page}").status_code == 403
        assert send(officer, f"/ours/{signal.id}/consent", {"version": "1", "reason": PAPER}).status_code == 403
    with netherlands[NL].register.work(netherlands.world.worker(NL)) as work:
        for one in (signal, other, own):
            assert work.signals.reports.get(SignalId(one.id)).ground.prosecutor_consent is None


def test_approval_names_its_recipients_and_the_report_says_them_back(
    netherlands: Pages, prosecutor: Browserless
) -> None:
    named = {"handling": {"code": "H3", "conditions": ["NAMED_RECIPIENTS"]}, "legal_basis": "WPG8", "crime_class": None}
    # What the police submitted is let go by the prosecutor, the desk's second.
    signal = crime(netherlands, by="NL-LE", **named)
    report = f"/ours/{signal.id}"
    page = prosecutor.get(f"{report}/approve").text
    assert re.findall(r'name="recipients" value="(\w+)"', page) == ["AW", "BQ", "CW", "SX"]
    nobody = send(prosecutor, f"{report}/approve", {"version": "1", "reason": PAPER})
    assert "name at least one" in nobody.text
    assert PAPER in nobody.text
    own = send(prosecutor, f"{report}/approve", {"version": "1", "reason": PAPER, "recipients": ["NL", "AW"]})
    assert "Name partners only." in own.text
    done = send(prosecutor, f"{report}/approve", {"version": "1", "reason": PAPER, "recipients": ["CW", "AW"]})
    assert done.headers["location"] == f"{report}?done=approve", done.text
    rests = words(prosecutor, report).partition("What it rests on")[2].partition("Timeline")[0]
    assert "Only for these partners: Aruba, Curaçao" in rests
    assert PAPER in rests
    unit = netherlands.world.caller("NL-LE", Task.REGISTER)
    allowed = {
        one.recipient for one in read_signal(netherlands[NL].register, unit, signal.reference).sharing if one.allowed
    }
    assert allowed <= {AW, CW}
