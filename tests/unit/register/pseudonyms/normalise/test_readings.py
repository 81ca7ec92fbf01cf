"""A value is shown as it was read, and a question says what it cannot find: the very keys, never a guess."""

from __future__ import annotations

from typing import Any

import pytest

from register.matching.score import score
from register.matching.weights import default_weights
from register.pseudonyms.query_keys import query_keys
from register.pseudonyms.readings import CANNOT_FIND, asked_with, cannot_find, readings_of
from register.pseudonyms.signal_keys import keyed_subjects, subject_keys
from register.services.search.check_question import NothingToAsk, values_to_ask
from schemas.codes import Partition
from schemas.search.question import AskedSubject
from schemas.signals.reading import ReadAs
from tests.support.forms import a_form

AW = Partition.AW


def asked(**parts: Any) -> AskedSubject:
    return AskedSubject.model_validate(parts)


def one(kind: str, value: str, **parts: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, **parts}


NO_KEY = [
    ({"selectors": [one("BANK_ACCOUNT", "NL91ABNA0417160142")]}, "the number with all its digits right"),
    ({"selectors": [one("BANK_ACCOUNT", "0142 0142 01")]}, "a name with a birth date, a phone"),
    ({"selectors": [one("VESSEL", "IMO 0000142")]}, "the number with all its digits right"),
    ({"selectors": [one("VESSEL", "MMSI 999990142")]}, "the number with all its digits right"),
    ({"selectors": [one("VESSEL", "MV Prueba 0142")]}, "a name with a birth date, a phone"),
    ({"selectors": [one("ADDRESS", "Straat 1, Oranjestad")]}, "a name with a birth date, a phone"),
    ({"selectors": [one("COMPANY_REG", "00000", country="AW")]}, "a value that is known"),
    ({"selectors": [one("PASSPORT", "0000000", country="VE")]}, "a value that is known"),
    ({"selectors": [one("PASSPORT", "AR123457", country="XXX")]}, "the country that issued the document"),
    ({"name": "Zeno Testman", "birth": {"year": 1985}}, "a whole birth date to the name"),
    ({"name": "Zeno Testman", "birth": {"year": 1900, "month": 1, "day": 1}}, "a whole birth date"),
    ({"name": "NN Vrouw", "nationality": "VE"}, "a value that is known"),
    ({"name": "Zeno Testman", "nationality": "XXX"}, "a whole birth date to the name"),
]


@pytest.mark.parametrize(("parts", "says"), NO_KEY)
def test_without_a_key_there_is_no_question_and_what_would_make_one_is_said(parts: dict[str, Any], says: str) -> None:
    with pytest.raises(NothingToAsk, match=says) as refused:
        values_to_ask(asked(**parts), AW)
    assert "reached" not in str(refused.value)
    assert "0142" not in str(refused.value)


@pytest.mark.parametrize(
    ("selector", "read_as", "says"),
    [
        (one("PHONE", "+50934123456"), ReadAs.PHONE, "Read as a phone number of HT: +509 34 12 3456."),
        (one("PHONE", "560 0142"), ReadAs.PHONE, "AW: +297 560 0142. It may also be: +599 9 560 0142."),
        (one("SOCIAL_HANDLE", "+59995557702", platform="WHATSAPP"), ReadAs.PHONE, "of CW: +599 9 555 7702."),
        (one("PASSPORT", "ZT7770001<4", country="CO"), ReadAs.PASSPORT, "passport number of CO: ZT7770001."),
        (one("PASSPORT", "AB1234567", country="AW"), ReadAs.PASSPORT, "passport number of NL: AB1234567."),
        (one("PASSPORT", "pp no. sob 81 502", country="CO"), ReadAs.PASSPORT, "passport number of CO: SOB81502."),
        (one("PASSPORT", "ZB7770001<4", country="CO"), ReadAs.PASSPORT, "passport number of CO: ZB7770001."),
        (
            one("NATIONAL_ID", "1O12345S78", country="CO", document_type="ID_CARD"),
            ReadAs.NATIONAL_NUMBER,
            "on whatever card: 1O12345S78.",
        ),
        (
            one("NATIONAL_ID", "12345678", country="VE", document_type="ID_CARD"),
            ReadAs.NATIONAL_NUMBER,
            "on whatever card: V12345678.",
        ),
        (
            one("NATIONAL_ID", "V-18.234.567", country="VE", document_type="ID_CARD"),
            ReadAs.NATIONAL_NUMBER,
            "personal number of VE, on whatever card: V18234567.",
        ),
        (one("PLATE", "1234-B", country="CW"), ReadAs.PLATE, "number plate of CW: B1234."),
        (one("SOCIAL_HANDLE", "https://instagram.com/p/CxAbC123/", platform="INSTAGRAM"), ReadAs.POST, "CxAbC123"),
        (one("BANK_ACCOUNT", "IBAN NL91 ABNA 0417 1643 00"), ReadAs.BANK_ACCOUNT, "(IBAN) NL91ABNA0417164300."),
        (one("BANK_ACCOUNT", "NL91ABNA0417164301"), ReadAs.CHECK_FAILS, "a digit is wrong"),
        (one("VESSEL", "IMO 9074729 MMSI 306000142"), ReadAs.VESSEL, "a vessel: IMO 9074729, MMSI 306000142."),
        (one("VESSEL", "Prueba II"), ReadAs.KEPT, "not compared with other countries yet"),
        (one("COMPANY_REG", "H01420.0", country="AW"), ReadAs.COMPANY, "company number of AW: H1420."),
        (one("ADDRESS", "Straat 1", country="AW"), ReadAs.KEPT, "not compared with other countries yet"),
        (one("BANK_ACCOUNT", "NL00TEST"), ReadAs.KEPT, "Kept in your register; not compared with other countries yet."),
        (one("PASSPORT", "ONBEKEND", country="VE"), ReadAs.SAYS_NONE, "not known"),
        (one("PASSPORT", "AR123457", country="XXX"), ReadAs.ISSUER_UNKNOWN, "without the country"),
    ],
)
def test_a_value_is_shown_as_it_was_read(selector: dict[str, Any], read_as: ReadAs, says: str) -> None:
    form = a_form(selectors=[selector], subjects=[])
    (reading,) = readings_of(form, AW)
    assert (reading.pointer, reading.read_as) == ("/selectors/0", read_as)
    assert says in reading.says
    assert read_as.is_compared is bool(subject_keys(form, AW))
    assert keyed_subjects(form, AW) == ({0} if read_as.is_compared else set())


def test_a_reading_is_in_no_repr() -> None:
    (reading,) = readings_of(a_form(selectors=[one("PHONE", "+297 000 0142")], subjects=[]), AW)
    assert "0142" not in repr(reading)


@pytest.mark.parametrize(
    ("parts", "codes"),
    [
        # C9: registered with a birth date and a nationality, asked with the nationality
        (
            {"name": "Carlos Prueba Ensayo", "nationality": "CO"},
            {"other-names", "with-birth-date", "no-birth-date-abroad"},
        ),
        # C10: asked with a name more than was registered
        (
            {"name": "Luis Muestra Ficticio", "birth": {"year": 1985, "month": 6, "day": 7}},
            {"other-names", "other-birth-date", "without-nationality", "no-birth-date-abroad"},
        ),
        ({"selectors": [one("PHONE", "+297 000 0142")]}, set()),
        (
            {"name": "Zeno Testman", "selectors": [one("PHONE", "+297 000 0142"), one("VESSEL", "Prueba II")]},
            {"name-not-asked", "value-not-asked"},
        ),
    ],
)
def test_a_question_says_what_it_cannot_find(parts: dict[str, Any], codes: set[str]) -> None:
    subject = asked(**parts)
    found = cannot_find(subject, asked_with(subject, AW))
    assert {entry.code for entry in found} == codes
    assert all(entry.says == CANNOT_FIND[entry.code] for entry in found)


def test_a_name_with_a_nationality_alone_is_no_hit_abroad_and_the_answer_says_so() -> None:
    """Found nothing, said nothing: whoever had a bad line took it for an answer."""
    subject = asked(name="Petra Ctrlnat", nationality="CO")
    (key,) = query_keys(subject, AW)
    alike = score({key.family: {key}}, {key.family: {key}}, {key: 1}, default_weights())
    assert not alike.is_hit
    assert "no-birth-date-abroad" in {one.code for one in cannot_find(subject, asked_with(subject, AW))}


@pytest.mark.parametrize("parts", [parts for parts, _ in NO_KEY])
def test_what_is_said_not_to_be_compared_has_no_key(parts: dict[str, Any]) -> None:
    subject = asked(**parts)
    assert query_keys(subject, AW) == []
    assert not any(one.read_as.is_compared for one in asked_with(subject, AW))
