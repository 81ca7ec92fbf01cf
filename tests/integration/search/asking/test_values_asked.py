"""Cases of 2026-11-29 across countries: what meets, what does not, and what a question says of it."""

from __future__ import annotations

import pytest

from register.services.search.check_question import NothingToAsk
from schemas.search.question import Answer
from schemas.signals.parts import Birth, SelectorIn
from tests.integration.search.asking.scene import CW, Scene, about, of_country

pytestmark = pytest.mark.any_engine


def a(kind: str, value: str, **parts: str) -> SelectorIn:
    return SelectorIn.model_validate({"type": kind, "value": value, **parts})


def on(platform: str, value: str) -> SelectorIn:
    return a("SOCIAL_HANDLE", value, platform=platform)


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        pytest.param(on("WHATSAPP", "+59995557702"), a("PHONE", "+59995557702"), id="C12 as a phone"),
        pytest.param(on("WHATSAPP", "+59995557703"), a("PHONE", "https://wa.me/59995557703"), id="C12 as a link"),
        pytest.param(
            a("NATIONAL_ID", "V-18.234.567", country="VE", document_type="ID_CARD"),
            a("NATIONAL_ID", "18234567", country="VE", document_type="PERSONAL_NUMBER"),
            id="C27",
        ),
        pytest.param(
            a("PASSPORT", "ZT7770001<4", country="CO"), a("PASSPORT", "ZT7770001", country="CO"), id="C11 check digit"
        ),
        pytest.param(
            a("BANK_ACCOUNT", "NL91ABNA0417164300"), a("BANK_ACCOUNT", "IBAN nl91 abna 0417 1643 00"), id="C26 account"
        ),
        pytest.param(a("VESSEL", "MV Prueba / IMO 9074729"), a("VESSEL", "9074729"), id="C26 vessel by IMO"),
        pytest.param(
            a("VESSEL", "MMSI 306000142, call sign PJ2345"), a("VESSEL", "roepsein PJ-2345"), id="C26 by call sign"
        ),
        pytest.param(
            a("COMPANY_REG", "KvK 01234142", country="NL"), a("COMPANY_REG", "1234142", country="NL"), id="C26 company"
        ),
        pytest.param(
            a("PASSPORT", "AR123456 exp 2030", country="CO"), a("PASSPORT", "AR123456", country="CO"), id="C11 remark"
        ),
    ],
)
def test_one_value_in_two_writings_is_a_hit(scene: Scene, registered: SelectorIn, asked: SelectorIn) -> None:
    scene.hold(CW, about(registered))
    scene.settle()
    out = scene.ask(subject=about(asked))
    assert of_country(out, CW).answer is Answer.HIT
    assert out.asked_with[0].read_as.is_compared


def test_two_posts_of_one_platform_are_no_account(scene: Scene) -> None:
    scene.hold(CW, about(on("INSTAGRAM", "https://www.instagram.com/p/CxAbC123/")))
    scene.settle()
    assert scene.answer(CW, on("INSTAGRAM", "https://www.instagram.com/p/ThirdPost/")).answer is Answer.NOTHING


@pytest.mark.parametrize("value", ["0000000", "ONBEKEND", "UNKNOWN"])
def test_a_passport_that_says_none_is_not_asked_with(scene: Scene, value: str) -> None:
    with pytest.raises(NothingToAsk):
        scene.ask(subject=about(a("PASSPORT", value, country="VE")))


@pytest.mark.parametrize(
    "kept",
    [
        a("BANK_ACCOUNT", "a made-up account"),
        a("VESSEL", "MV Prueba, AUA-0142"),
        a("ADDRESS", "Straat 1, Oranjestad", country="AW"),
        a("TICKET_PNR", "MADEUP"),
    ],
)
def test_a_value_that_other_countries_cannot_find_yet_is_refused_with_what_would_do(
    scene: Scene, kept: SelectorIn
) -> None:
    scene.hold(CW, about(kept, a("PHONE", "+5999 555 7714")))
    scene.settle()
    with pytest.raises(NothingToAsk, match=r"cannot find values of this kind yet; add a name with a birth") as refused:
        scene.ask(subject=about(kept))
    assert "reached" not in str(refused.value)
    out = scene.ask(subject=about(kept, a("PHONE", "+5999 555 7714")))
    assert of_country(out, CW).answer is Answer.HIT, "the phone is asked all the same"
    assert [one.code for one in out.cannot_find] == ["value-not-asked"]


def test_a_company_number_of_another_country_is_another_company(scene: Scene) -> None:
    scene.hold(CW, about(a("COMPANY_REG", "14215", country="CW")))
    scene.settle()
    assert scene.answer(CW, a("COMPANY_REG", "14215", country="SX")).answer is Answer.NOTHING


def test_same_phone_and_a_birth_date_one_day_off_is_not_another_surname(scene: Scene) -> None:
    phone = a("PHONE", "+5999 555 7711")
    scene.hold(CW, about(phone, name="Carla Muestra", birth=Birth(year=1985, month=6, day=17)))
    scene.settle()
    out = scene.ask(subject=about(phone, name="Carla Muestra", birth=Birth(year=1985, month=6, day=18)))
    (hit,) = of_country(out, CW).hits
    assert {one.words for one in hit.evidence} == {"phone-equal", "names-and-birth-date-unequal"}


def test_asked_with_less_than_was_registered_says_so(scene: Scene) -> None:
    scene.hold(CW, about(name="Carlos Prueba Ensayo", birth=Birth(year=1985, month=6, day=7), nationality="CO"))
    scene.settle()
    out = scene.ask(subject=about(name="Carlos Prueba Ensayo", nationality="CO"))
    assert of_country(out, CW).answer is Answer.NOTHING
    assert "with-birth-date" in {one.code for one in out.cannot_find}
