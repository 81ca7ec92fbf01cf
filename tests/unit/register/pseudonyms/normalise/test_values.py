"""What a value is before a key is made of it: the cases that failed on 2026-11-29, with their neighbours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.pseudonyms.errors import (
    CharacterRefused,
    ExtensionBeside,
    HandleRefused,
    IssuerUnknown,
    NoAccountShown,
    NumberCut,
    PartMissing,
    PhoneRefused,
    RemarkBeside,
    SaysNone,
    SelectorRefused,
    TwoValues,
)
from register.pseudonyms.matchkeys import Selector, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.document import Document
from register.pseudonyms.normalise.email import Email
from register.pseudonyms.normalise.handle import Handle, number_on
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.normalise.phone import Phone
from register.pseudonyms.normalise.plate import Plate
from register.pseudonyms.normalise.stop import stop_file
from register.pseudonyms.normalise.typed import tidy
from register.pseudonyms.signal_keys import selector_of
from schemas.codes import Partition
from schemas.signals.parts import SelectorIn

BORN = Birth(1985, 6, 7)


def registered(selector: Selector) -> list[tuple[str, ...]]:
    return [key.values for key in derive(selector, mode=Mode.REGISTER)]


def asked(selector: Selector) -> list[tuple[str, ...]]:
    return [key.values for key in derive(selector, mode=Mode.QUERY)]


def meet(one: Selector, other: Selector) -> bool:
    """Whether a question for the one finds what was registered as the other."""
    return bool(set(asked(one)) & set(registered(other)))


class TestValuesThatSayNone:
    @pytest.mark.parametrize("mode", Mode)
    @pytest.mark.parametrize(
        "selector",
        [
            Document("VE", "PASSPORT", "0000000"),
            Document("VE", "PASSPORT", "ONBEKEND"),
            Document("VE", "PASSPORT", "UNKNOWN"),
            Document("VE", "PASSPORT", "ZT0000000"),
            Document("VE", "PASSPORT", "123456789"),
            Document("VE", "PASSPORT", "999999999"),
            Document("VE", "ID_CARD", "V-11.111.111"),
            Document("CO", "ID_CARD", "desconocido"),
            Document("CO", "PASSPORT", "paspoort onbekend"),
            Document("CW", "ID_CARD", "deskonosí"),
            Document("NL", "PASSPORT", "n.v.t."),
            Email("none@none.com"),
            Email("geen@geen.nl"),
            Email("noreply@example.org"),
            Email("onbekend"),
            Phone("0000000", "AW"),
            Phone("+297 999 9999"),
            Phone("1234567", "CW"),
            Phone("06-12345678", "NL"),
            Phone("onbekend", "NL"),
            Plate("AW", "00000"),
            Plate("AW", "onbekend"),
            Handle("instagram", "unknown"),
            Handle("instagram", "@username"),
            Person("NN Vrouw", BORN),
            Person("N.N.", BORN),
            Person("FNU LNU", BORN),
            Person("Onbekende man", BORN),
            Person("Unknown Unknown", BORN),
            Person("niet bekend", BORN),
            Person("Jane Doe", BORN),
            Person("mujer desconocida", BORN),
        ],
        ids=lambda one: str(getattr(one, "number", getattr(one, "text", getattr(one, "name", one)))),
    )
    def test_no_key_is_made_of_it(self, selector: Selector, mode: Mode) -> None:
        with pytest.raises(SaysNone) as refused:
            derive(selector, mode=mode)
        assert "not known" in str(refused.value) or "there is none" in str(refused.value)

    @pytest.mark.parametrize(
        "selector",
        [
            Document("VE", "ID_CARD", "V-12.345.678"),
            Document("NL", "PERSONAL_NUMBER", "123456782"),
            Document("CO", "PASSPORT", "AR123456"),
            Document("VE", "PASSPORT", "ZT1000001"),
            Phone("+297 000 0142"),
            Plate("CW", "1234"),
            Plate("AW", "A-1111"),
            Email("zeno@known.nl"),
            Person("Boy Testman", BORN),
            Person("Man Li", BORN),
            Person("Nina Kind", BORN),
        ],
    )
    def test_a_value_of_somebody_keeps_its_key(self, selector: Selector) -> None:
        assert registered(selector)

    def test_a_name_beside_a_placeholder_is_a_name(self) -> None:
        assert registered(Person("Maria Onbekend", BORN)) == registered(Person("Maria", BORN))

    @pytest.mark.parametrize("born", [Birth(1900, 1, 1), Birth(1900, 5, 3)])
    def test_a_birth_date_that_forms_put_for_nobody_counts_as_none(self, born: Birth) -> None:
        assert registered(Person("Zeno Testman", born, "VE")) == registered(Person("Zeno Testman", None, "VE"))
        assert registered(Person("Zeno Testman", born)) == []

    def test_the_stop_file_says_its_version_and_speaks_four_languages(self) -> None:
        assert stop_file().version
        assert {"unknown", "onbekend", "desconocido", "deskonosi"} <= stop_file().words


class TestAccountsAndPosts:
    def test_two_posts_are_not_one_account(self) -> None:
        one, other = (Handle("INSTAGRAM", f"https://www.instagram.com/p/{post}/") for post in ("CxAbC123", "DyOther9"))
        third = Handle("INSTAGRAM", "https://www.instagram.com/p/ThirdPost/")
        assert not meet(one, other)
        assert not meet(third, one)
        assert meet(one, one)

    @pytest.mark.parametrize(
        ("platform", "address", "expected"),
        [
            ("INSTAGRAM", "https://www.instagram.com/p/CxAbC123/", ("instagram", "post", "CxAbC123")),
            ("INSTAGRAM", "https://www.instagram.com/reel/CxAbC123/?igsh=x", ("instagram", "post", "CxAbC123")),
            ("INSTAGRAM", "https://www.instagram.com/zeno_t/p/CxAbC123/", ("instagram", "name", "zeno_t")),
            ("INSTAGRAM", "https://www.instagram.com/stories/zeno_t/31/", ("instagram", "name", "zeno_t")),
            ("FACEBOOK", "https://www.facebook.com/groups/made.up/", ("facebook", "group", "made.up")),
            ("FACEBOOK", "https://m.facebook.com/people/Zeno/100142/", ("facebook", "id", "100142")),
            ("FACEBOOK", "https://www.facebook.com/watch/?v=142", ("facebook", "post", "v=142")),
            ("LINKEDIN", "https://nl.linkedin.com/in/zeno-t/", ("linkedin", "name", "zeno-t")),
            ("LINKEDIN", "https://www.linkedin.com/company/made-up", ("linkedin", "group", "made-up")),
            ("TIKTOK", "https://www.tiktok.com/@zeno/video/7142", ("tiktok", "name", "zeno")),
            ("YOUTUBE", "https://www.youtube.com/channel/UC0142", ("youtube", "id", "uc0142")),
            ("YOUTUBE", "https://youtu.be/abc142", ("youtube", "post", "abc142")),
            ("SNAPCHAT", "https://www.snapchat.com/add/zeno", ("snapchat", "name", "zeno")),
            ("X", "https://twitter.com/zeno/status/142", ("x", "name", "zeno")),
            ("X", "https://x.com/i/web/status/142", ("x", "post", "web/status/142")),
            ("X", "https://x.com/i/user/100142", ("x", "id", "100142")),
            ("FACEBOOK", "https://www.facebook.com/groups/142/user/100142/", ("facebook", "id", "100142")),
            ("FACEBOOK", "https://www.facebook.com/100000000000142", ("facebook", "id", "100000000000142")),
            ("FACEBOOK", "100000000000142", ("facebook", "id", "100000000000142")),
            ("TIKTOK", "7000000000000000142", ("tiktok", "id", "7000000000000000142")),
            ("TELEGRAM", "142000142", ("telegram", "id", "142000142")),
            ("TELEGRAM", "tg://user?id=142000142", ("telegram", "id", "142000142")),
            ("TELEGRAM", "tg://resolve?domain=Zeno", ("telegram", "name", "zeno")),
            ("DISCORD", "Zeno#0142", ("discord", "name", "zeno#0142")),
            ("INSTAGRAM", "1420142", ("instagram", "name", "1420142")),
            ("TELEGRAM", "https://t.me/s/zeno", ("telegram", "name", "zeno")),
            ("TELEGRAM", "https://t.me/joinchat/AbC142", ("telegram", "group", "abc142")),
            ("WHATSAPP", "https://chat.whatsapp.com/AbC142", ("whatsapp", "group", "AbC142")),
            ("DISCORD", "https://discord.gg/AbC142", ("discord", "group", "AbC142")),
            ("FACEBOOK", "https://www.instagram.com/zeno_t/", ("instagram", "name", "zeno_t")),
            ("OTHER", "https://www.instagram.com/zeno_t/", ("instagram", "name", "zeno_t")),
            ("OTHER", "Madeup: zeno", ("madeup", "name", "zeno")),
        ],
    )
    def test_an_address_is_read_as_what_it_shows(self, platform: str, address: str, expected: tuple[str, ...]) -> None:
        assert registered(Handle(platform, address)) == [expected]

    @pytest.mark.parametrize(
        ("platform", "address"),
        [
            ("X", "https://x.com/i/web/status/{}"),
            ("FACEBOOK", "https://www.facebook.com/share/p/{}/"),
            ("FACEBOOK", "https://www.facebook.com/media/set/?set=a.{}"),
            ("FACEBOOK", "https://www.facebook.com/watch/live/?ref=search&v={}"),
            ("LINKEDIN", "https://www.linkedin.com/feed/update/urn:li:activity:{}/"),
            ("INSTAGRAM", "https://www.instagram.com/reels/audio/{}/"),
            ("YOUTUBE", "https://www.youtube.com/watch?v={}"),
        ],
    )
    def test_two_posts_of_one_kind_are_two_posts(self, platform: str, address: str) -> None:
        one, other = Handle(platform, address.format("100142")), Handle(platform, address.format("200142"))
        assert registered(one)[0][1] == "post"
        assert not meet(one, other)
        assert meet(one, Handle(platform, address.format("100142")))

    def test_a_name_of_digits_is_asked_as_an_id_too(self) -> None:
        assert meet(Handle("instagram", "1420142"), Handle("instagram", account_id="1420142"))
        assert registered(Handle("instagram", "1420142")) == [("instagram", "name", "1420142")]

    @pytest.mark.parametrize(
        ("platform", "address"),
        [
            ("INSTAGRAM", "https://www.instagram.com/p/"),
            ("INSTAGRAM", "https://www.instagram.com/explore/tags/142/"),
            ("FACEBOOK", "https://www.facebook.com/marketplace/item/142"),
            ("X", "https://x.com/home"),
            ("TIKTOK", "https://vm.tiktok.com/ZM0142/"),
            ("FACEBOOK", "https://fb.me/0142"),
            ("INSTAGRAM", "https://bit.ly/0142"),
            ("OTHER", "zeno"),
        ],
    )
    def test_an_address_that_shows_no_account_is_refused(self, platform: str, address: str) -> None:
        with pytest.raises((HandleRefused, NoAccountShown)) as refused:
            derive(Handle(platform, address), mode=Mode.REGISTER)
        assert "0142" not in str(refused.value)


class TestMessengersMeetThePhone:
    @pytest.mark.parametrize(
        ("platform", "value"),
        [
            ("WHATSAPP", "+59995557702"),
            ("WHATSAPP", "9 555 7702"),
            ("WHATSAPP", "https://wa.me/59995557702"),
            ("WHATSAPP", "https://api.whatsapp.com/send?phone=59995557702&text=x"),
            ("SIGNAL", "+599 9 555 7702"),
            ("SIGNAL", "https://signal.me/#p/+59995557702"),
            ("TELEGRAM", "+59995557702"),
            ("TELEGRAM", "https://t.me/+59995557702"),
        ],
    )
    def test_a_number_on_a_messenger_is_the_phone(self, platform: str, value: str) -> None:
        made = selector_of(SelectorIn(type="SOCIAL_HANDLE", platform=platform, value=value), Partition.CW)
        assert made is not None
        assert registered(made) == registered(Phone("+59995557702"))
        assert [key.family for key in derive(made, mode=Mode.REGISTER)] == ["phone"]

    @pytest.mark.parametrize(
        "value", ["https://wa.me/59995557702", "wa.me/59995557702", "whatsapp://send?phone=59995557702"]
    )
    def test_the_address_of_a_chat_is_read_as_its_number(self, value: str) -> None:
        assert registered(Phone(value, "AW")) == [("+59995557702",)]

    @pytest.mark.parametrize(
        ("platform", "value"),
        [("TELEGRAM", "123450142"), ("SIGNAL", "zeno.42"), ("TELEGRAM", "https://t.me/+AbC142"), ("X", "+59995557702")],
    )
    def test_what_is_no_number_stays_an_account(self, platform: str, value: str) -> None:
        assert number_on(platform, value) is None


class TestDocuments:
    @pytest.mark.parametrize(
        ("stored", "question"),
        [
            (Document("CO", "PASSPORT", "ZT7770001<4"), Document("CO", "PASSPORT", "ZT7770001")),
            (Document("CO", "PASSPORT", "AR123456 exp 2030"), Document("CO", "PASSPORT", "AR123456")),
            (Document("CO", "PASSPORT", "AR123456 (verlopen)"), Document("CO", "PASSPORT", "AR123456")),
            (Document("CO", "ID_CARD", "CC 1012345678"), Document("CO", "ID_CARD", "1012345678")),
            (Document("CO", "ID_CARD", "CC1012345678"), Document("CO", "PERSONAL_NUMBER", "1.012.345.678")),
            (Document("VE", "ID_CARD", "CI 12345678"), Document("VE", "ID_CARD", "12345678")),
            (Document("NL", "PERSONAL_NUMBER", "BSN 12345678"), Document("NL", "PERSONAL_NUMBER", "12345678")),
            (Document("HT", "PASSPORT", "Paspoort nr. AB0142142"), Document("HT", "PASSPORT", "AB0142142")),
            (Document("HT", "PASSPORT", "No. AB0142142"), Document("HT", "PASSPORT", "AB0142142")),
            # C27: the scheme follows from issuer and shape
            (Document("VE", "ID_CARD", "V-18.234.567"), Document("VE", "PERSONAL_NUMBER", "18234567")),
            (Document("VE", "ID_CARD", "V-18.234.567"), Document("VE", "OTHER", "18234567")),
            (Document("VE", "DRIVING_LICENCE", "18234567"), Document("VE", "ID_CARD", "V-18.234.567")),
            (Document("VE", "ID_CARD", "V-11470283-4"), Document("VE", "PERSONAL_NUMBER", "11470283")),
            (Document("VE", "PASSPORT", "18234567"), Document("VE", "PERSONAL_NUMBER", "18234567")),
            (Document("CO", "PERSONAL_NUMBER", "1012345678"), Document("CO", "ID_CARD", "1012345678")),
            (Document("DO", "ID_CARD", "001-1391820-5"), Document("DO", "PERSONAL_NUMBER", "00113918205")),
            (
                Document("HT", "ID_CARD", "01-01-99-1979-04-00003"),
                Document("HT", "PERSONAL_NUMBER", "01019919790400003"),
            ),
            (Document("AW", "ID_CARD", "79040301"), Document("AW", "PERSONAL_NUMBER", "79040301")),
            (Document("NL", "ID_CARD", "ZZ0000017"), Document("NL", "PASSPORT", "ZZ0000017")),
            (Document("NL", "PASSPORT", "ZZ0000017"), Document("NL", "ID_CARD", "ZZ0000017")),
            (Document("NL", "PASSPORT", "111222333"), Document("NL", "PERSONAL_NUMBER", "111222333")),
            # papers of the Netherlands Antilles
            (Document("AN", "PASSPORT", "N0000017"), Document("CW", "PASSPORT", "N0000017")),
            (Document("AN", "ID_CARD", "1979040301"), Document("CW", "ID_CARD", "1979040301")),
            (Document("SX", "ID_CARD", "1979040301"), Document("AN", "ID_CARD", "1979040301")),
            # C13 of documents
            (Document("CO", "ID_CARD", "1012345678.0"), Document("CO", "ID_CARD", "1012345678")),
            (Document("CO", "ID_CARD", "'1012345678"), Document("CO", "ID_CARD", "1012345678")),
            (Document("CO", "ID_CARD", '="1012345678"'), Document("CO", "ID_CARD", "1012345678")),
        ],
    )
    def test_one_document_is_found_however_it_was_written(self, stored: Document, question: Document) -> None:
        assert meet(question, stored)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (Document("VE", "ID_CARD", "V-18.234.567"), Document("VE", "ID_CARD", "E-18.234.567")),
            (Document("VE", "ID_CARD", "18234567"), Document("CO", "ID_CARD", "18234567")),
            (Document("HT", "PASSPORT", "AB0142142"), Document("HT", "PASSPORT", "AB0142143")),
            (Document("HT", "RESIDENCE_PERMIT", "18234567"), Document("HT", "PASSPORT", "18234567")),
        ],
    )
    def test_two_documents_stay_two(self, one: Document, other: Document) -> None:
        assert not meet(one, other)
        assert not meet(other, one)

    @pytest.mark.parametrize(
        ("number", "says"),
        [
            ("AR123457 seen on the table", "number alone"),
            ("AR123457 / AR123458", "two numbers"),
            ("AR123457 of AR123458", "two numbers"),
            ("155900311 155900312", "two numbers"),
            ("155900311\n155900312", "two numbers"),
            ("155900311-155900312", "two numbers"),
            ("155900311 - 155900312", "two numbers"),
            ("RD4420011 RD4420012", "two numbers"),
            ("RD 4420011 RD 4420012", "two numbers"),
            ("RD4420011 4420012", "two numbers"),
            ("155900323 (oud) 155900324", "two numbers"),
            ("155900323 oud 155900324", "two numbers"),
            ("155900323 verlopen, 155900324", "two numbers"),
            ("166200I3 / 166200I4", "two numbers"),
            ("BB1234576 BB1234577", "two numbers"),
            ("BB1234576 1988010112", "two numbers"),
        ],
    )
    def test_what_cannot_be_told_apart_is_refused_with_its_sentence(self, number: str, says: str) -> None:
        with pytest.raises((RemarkBeside, TwoValues), match=says) as refused:
            derive(Document("CO", "PASSPORT", number), mode=Mode.REGISTER)
        assert "123457" not in str(refused.value)

    def test_a_number_of_an_unknown_issuer_has_no_key(self) -> None:
        with pytest.raises(IssuerUnknown):
            derive(Document("XXX", "PASSPORT", "AR123457"), mode=Mode.QUERY)


class TestPhonesAsPeopleWriteThem:
    @pytest.mark.parametrize(
        ("text", "country", "expected"),
        [
            ("5600142 (whatsapp)", "AW", "+2975600142"),
            ("5600142 whatsapp", "AW", "+2975600142"),
            ("WhatsApp: 560 0142", "AW", "+2975600142"),
            ("(+297) 560 0142", "CW", "+2975600142"),
            ("560 0142;", "AW", "+2975600142"),
            ("0297-5600142", "AW", "+2975600142"),
            ("0297-5600142", "NL", "+2975600142"),
            ("0297-560014", "NL", "+31297560014"),
            ("No. 0612340567", "NL", "+31612340567"),
            ("95557703.0", "CW", "+59995557703"),
            ("95557703,00", "CW", "+59995557703"),
            ("+509 3412 3456", "AW", "+50934123456"),
            ("34 12 3456", "HT", "+50934123456"),
        ],
    )
    def test_the_number_is_read(self, text: str, country: str, expected: str) -> None:
        assert registered(Phone(text, country)) == [(expected,)]

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("560 0142 / 560 0143", "these are two"),
            ("560 0142 of 560 0143", "these are two"),
            ("5600142/5600143", "these are two"),
            ("560 0142; 560 0143", "these are two"),
            ("560 0142 ext. 4", "without its extension"),
            ("560 0142 toestel 12", "without its extension"),
            ("call me", "digits only"),
        ],
    )
    def test_what_is_in_the_way_is_said(self, text: str, says: str) -> None:
        with pytest.raises((PhoneRefused, TwoValues, ExtensionBeside), match=says):
            derive(Phone(text, "AW"), mode=Mode.REGISTER)

    @pytest.mark.parametrize("selector", [Phone("1.0123E+9", "AW"), Document("CO", "ID_CARD", "1.0123E+9")])
    def test_a_number_that_a_spreadsheet_cut_is_refused_as_such(self, selector: Selector) -> None:
        with pytest.raises(NumberCut, match="all its digits"):
            derive(selector, mode=Mode.REGISTER)


class TestPlatesAndAddresses:
    @pytest.mark.parametrize("text", ["B-1234", "1234-B", "b 1234", "B-01234", "B1234.", "'B-1234"])
    def test_letters_and_number_of_an_island_plate_are_one_in_either_order(self, text: str) -> None:
        assert registered(Plate("CW", text)) == [("CW", "B1234")]

    def test_a_dutch_plate_keeps_its_order(self) -> None:
        assert registered(Plate("NL", "00-XX-01")) == [("NL", "00XX01")]

    def test_two_plates_are_refused(self) -> None:
        with pytest.raises(TwoValues, match="two plates"):
            derive(Plate("CW", "B-1234 / B-1235"), mode=Mode.REGISTER)

    @pytest.mark.parametrize(
        "text", ["mailto:zeno@example.org", "Zeno <zeno@example.org>", "<zeno@example.org>", "zeno@example.org;"]
    )
    def test_an_address_is_read_as_mail_programs_copy_it(self, text: str) -> None:
        assert registered(Email(text)) == [("zeno@example.org",)]

    def test_two_addresses_are_refused(self) -> None:
        with pytest.raises(TwoValues, match="two addresses"):
            derive(Email("a@example.org; b@example.org"), mode=Mode.REGISTER)


def test_a_stateless_person_is_compared_and_one_of_unknown_nationality_is_not() -> None:
    assert registered(Person("Zeno Testman", None, "XXA")) == [("testman", "zeno", "XXA")]
    assert registered(Person("Zeno Testman", None, "XXX")) == []


@given(text=st.one_of(st.text(max_size=20), st.text("0123456789.,E+-'\"=; ", max_size=14)))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    try:
        once = tidy(text)
    except (CharacterRefused, NumberCut):
        return
    try:
        assert tidy(once) == once
    except NumberCut:
        raise AssertionError("what was taken for a number became a cut one") from None


@given(
    platform=st.sampled_from(["instagram", "facebook", "tiktok", "x", "telegram", "youtube", "other"]),
    text=st.one_of(
        st.text(max_size=20),
        st.from_regex(
            r"https://(www\.)?(instagram|facebook|tiktok|x|t|youtube)\.(com|me)/"
            r"[a-z@+.]{0,8}(/[A-Za-z0-9?=&.]{0,8}){0,3}",
            fullmatch=True,
        ),
    ),
)  # fmt: skip
def test_whatever_address_is_typed_gives_one_key_or_a_refusal(platform: str, text: str) -> None:
    try:
        found = registered(Handle(platform, text))
    except SelectorRefused:
        return
    assert len(found) == 1
    assert found[0][1] in {"id", "name", "post", "group"}


class TestLettersReadForDigits:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (Document("VE", "PASSPORT", "ZTl00000l"), Document("VE", "PASSPORT", "ZT1000001")),
            (Document("CO", "ID_CARD", "l0l2345678"), Document("CO", "ID_CARD", "1012345678")),
            (Document("CO", "PASSPORT", "No 061234567"), Document("CO", "PASSPORT", "061234567")),
            (Document("CO", "PASSPORT", "No. 061234567"), Document("CO", "PASSPORT", "061234567")),
            (Document("CO", "PASSPORT", "nr AR123456"), Document("CO", "PASSPORT", "AR123456")),
            (Plate("AW", "B-0l234"), Plate("AW", "1234-B")),
            (Phone("56O 0l42", "AW"), Phone("+297 560 0142")),
            (Phone("+297 56l Ol42"), Phone("+297 561 0142")),
            (Email("MAILTO: zeno@example.org"), Email("zeno@example.org")),
            (Email("Zeno <mailto:zeno@example.org?subject=x>"), Email("zeno@example.org")),
        ],
    )
    def test_it_is_the_same_value(self, one: Selector, other: Selector) -> None:
        assert registered(one) == registered(other)
        assert meet(one, other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (Document("VE", "PASSPORT", "ztl000014"), Document("VE", "PASSPORT", "ZT1000014")),
            (Document("VE", "PASSPORT", "L1000014"), Document("VE", "PASSPORT", "11000014")),
            (Plate("NL", "12-ll-34"), Plate("NL", "12-11-34")),
            (Plate("NL", "12LL34"), Plate("NL", "121134")),
        ],
    )
    def test_a_letter_that_may_be_one_stays_one(self, one: Selector, other: Selector) -> None:
        assert registered(one) != registered(other)

    @pytest.mark.parametrize("text", ["loi", "o1", "call lol"])
    def test_words_are_no_telephone_number(self, text: str) -> None:
        with pytest.raises(SelectorRefused):
            derive(Phone(text, "AW"), mode=Mode.REGISTER)


class TestLabelsBesideADocumentsNumber:
    """As people at a desk type it; what was part of the number before let a victim's passport leave."""

    @pytest.mark.parametrize(
        ("typed", "number"),
        [
            ("PP no. HA1234567", "HA1234567"),
            ("PPT AB1234568", "AB1234568"),
            ("P/N AB1234573", "AB1234573"),
            ("Ppt.No. AB1234574", "AB1234574"),
            ("Pasp. AB1234584", "AB1234584"),
            ("PP AB1234585", "AB1234585"),
            ("ID AB1234579", "AB1234579"),
            ("doc AB1234580", "AB1234580"),
            ("Ppt AB123456", "AB123456"),
            ("ID no 12345678", "12345678"),
            ("CI 12345678", "12345678"),
            ("ced. 12345678", "12345678"),
            ("PP nr. 1234567", "1234567"),
            ("pp: HA 1234567", "HA1234567"),
            ("Passport no: ha-123.4567", "HA1234567"),
        ],
    )
    @pytest.mark.parametrize("kind", ["PASSPORT", "OTHER"])
    def test_number_is_registered_as_without_its_label(self, typed: str, number: str, kind: str) -> None:
        assert registered(Document("VE", kind, typed)) == registered(Document("VE", kind, number))

    @pytest.mark.parametrize("letters", ["PP", "ID", "CI"])
    def test_two_letters_are_a_label_to_one_and_a_series_to_another_and_both_are_found(self, letters: str) -> None:
        spaced, glued, bare = (Document("VE", "PASSPORT", f"{start}9876541") for start in (f"{letters} ", letters, ""))
        for one in (spaced, glued, bare):
            assert meet(spaced, one)
            assert meet(one, spaced)
        assert meet(glued, bare)

    @pytest.mark.parametrize(
        "typed",
        [
            "1559 00311", "RD 442 0011", "V.- 18234567", "1988 0101 12", "19880101 12", "110101 19900307 1232",
            "12345 1234567 1", "155900311 exp 20310214", "155900311 (geldig tot 14022031)", "CC 1.012.345.678",
        ],
    )  # fmt: skip
    def test_one_number_in_groups_or_with_a_day_until_when_it_holds_is_one(self, typed: str) -> None:
        assert len(registered(Document("CN", "OTHER", typed))) == 1

    @pytest.mark.parametrize(
        "typed", ["1559_0313", "BB1234…", "BB1234...", "1559?0313", "1559*0313", "1559--0313", "1559xx313", "BB1234xxx"]
    )
    def test_a_number_of_which_a_part_is_missing_is_no_other_number(self, typed: str) -> None:
        with pytest.raises(PartMissing, match="cannot be read"):
            derive(Document("VE", "PASSPORT", typed), mode=Mode.REGISTER)

    @pytest.mark.parametrize("series", ["AB", "HA", "NP", "VK", "PPA", "IDX"])
    def test_letters_of_a_series_stay_part_of_the_number(self, series: str) -> None:
        for typed in (f"{series}1234567", f"{series} 1234567"):
            (values,) = registered(Document("VE", "PASSPORT", typed))
            assert values[-1] == f"{series}1234567".translate(str.maketrans("OISB", "0158"))

    @pytest.mark.parametrize(
        "typed", ["VK 4455668 / CC 1020304050", "VK4455668, ced. 1020304050", "4455668 y pp no. 1020304"]
    )
    def test_two_numbers_of_different_kinds_in_one_field_are_refused_with_what_to_do(self, typed: str) -> None:
        with pytest.raises(TwoValues, match="by itself"):
            registered(Document("VE", "PASSPORT", typed))

    @given(
        st.sampled_from(["PP no.", "Ppt", "Pasp.", "doc", "P/N", "pasaporte nro", "id nr."]),
        st.from_regex(r"[A-HJ-NP-Z]{2}[0-9]{7}", fullmatch=True),
    )
    def test_a_label_never_changes_which_number_it_is(self, label: str, number: str) -> None:
        try:
            without = registered(Document("VE", "PASSPORT", number))
        except SaysNone:
            return
        assert registered(Document("VE", "PASSPORT", f"{label} {number}")) == without
