"""What is canonical, class by class: the traps of the region, and what is refused."""

from __future__ import annotations

import pytest

from register.domain.signals.protecting.papers import check_digit
from register.pseudonyms.errors import (
    CharacterRefused,
    DocumentRefused,
    EmailRefused,
    ExtensionBeside,
    HandleRefused,
    PersonRefused,
    PhoneRefused,
    PlateRefused,
    RemarkBeside,
    SelectorRefused,
    TwoValues,
)
from register.pseudonyms.matchkeys import MatchKey, Selector, derive
from register.pseudonyms.normalise import phone
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.document import Document, is_checked
from register.pseudonyms.normalise.email import Email
from register.pseudonyms.normalise.folding import fold
from register.pseudonyms.normalise.handle import Handle
from register.pseudonyms.normalise.person import Birth, Person, name_tokens
from register.pseudonyms.normalise.phone import Phone
from register.pseudonyms.normalise.plate import Plate

BORN = Birth(1979, 4, 3)


def _registered(selector: Selector) -> list[tuple[str, ...]]:
    return [key.values for key in derive(selector, mode=Mode.REGISTER)]


def _asked(selector: Selector) -> list[tuple[str, ...]]:
    return [key.values for key in derive(selector, mode=Mode.QUERY)]


class TestPhone:
    @pytest.mark.parametrize(
        ("text", "country", "expected"),
        [
            ("+1 721 555 0142", None, "+17215550142"),
            ("1721 555 0142", None, "+17215550142"),
            ("1721 555 0142", "NL", "+17215550142"),
            ("721 555 0142", "SX", "+17215550142"),
            ("+297 000 0142", None, "+2970000142"),
            ("000 0142", "AW", "+2970000142"),
            ("+5999 000 0142", None, "+59990000142"),
            ("9000142", "CW", "+59999000142"),
            ("9 000 0142", "CW", "+59990000142"),
            ("000 0142", "CW", "+59990000142"),
            ("+31 6 0000 0142", None, "+31600000142"),
            ("06-00000142", "NL", "+31600000142"),
            ("06-00000142", "BQ", "+31600000142"),
            ("+31 (0)6 00000142", None, "+31600000142"),
            ("0031 6 0000 0142", "CW", "+31600000142"),
            ("011 297 000 0142", "SX", "+2970000142"),
            ("+599 717 1234", None, "+5997171234"),
            ("7171234", "BQ", "+5997171234"),
            ("+599 542 1234", None, "+17215421234"),
            ("+599 560 1234", None, "+59995601234"),
            ("0412 123 4507", None, "+584121234507"),
            ("809-555-0142", None, "+18095550142"),
            ("tel:+297-000-0142", None, "+2970000142"),
            ("٠٠٠ ٠١٤٢", "AW", "+2970000142"),
            ("000\u2011014\u200b2", "AW", "+2970000142"),
            # The French half of Saint Martin, and its sisters.
            ("0690 55 72 02", "SX", "+590690557202"),
            ("0690-55-72-02", "AW", "+590690557202"),
            ("0590 87 12 34", "SX", "+590590871234"),
            ("0696 12 34 56", "SX", "+596696123456"),
            ("590 690 55 72 02", "SX", "+590690557202"),
            # Ten digits from 3 are Colombia's before they are of the United States.
            ("310 555 7263", "AW", "+573105557263"),
            ("+310 555 7211", "AW", "+573105557211"),
            # One line, however its country had it dialled over the years.
            ("+52 1 55 1234 7204", "AW", "+525512347204"),
            ("+54 9 11 2345-7255", "AW", "+541123457255"),
            ("+54 11 2345 7255", "AW", "+541123457255"),
            ("+55 11 8931 1605", "AW", "+5511989311605"),
        ],
    )
    def test_one_reading_is_registered(self, text: str, country: str | None, expected: str) -> None:
        assert _registered(Phone(text, country)) == [(expected,)]

    @pytest.mark.parametrize("text", ["+1 721 555 0142", "+297 000 0142", "+5999 000 0142", "+31 6 0000 0142"])
    def test_fictional_number_is_possible_but_not_valid(self, text: str) -> None:
        found = phone.read(Phone(text))
        assert not found.chosen.valid
        assert found.others == ()

    def test_number_valid_in_two_countries_is_read_both_ways_in_a_query(self) -> None:
        found = phone.read(Phone("5601234"))
        assert (found.chosen.e164, [one.e164 for one in found.others]) == ("+2975601234", ["+59995601234"])
        assert _asked(Phone("5601234")) == [("+2975601234",), ("+59995601234",)]

    def test_named_country_decides_what_is_registered(self) -> None:
        assert _registered(Phone("5601234", "CW")) == [("+59995601234",)]
        assert _registered(Phone("5601234", "AW")) == [("+2975601234",)]

    @pytest.mark.parametrize(
        "text",
        [
            *("594-7281 / 82", "594-7201 / 02", "5947201-02", "594 7201/7202", "5947201/2", "560 1234 / 31"),
            *("+297 594 7201/02", "tel. 594 7201-2", "594 7201/72 (whatsapp)"),
        ],
    )
    def test_a_second_number_of_which_only_the_ending_is_written_is_no_part_of_the_first(self, text: str) -> None:
        with pytest.raises(TwoValues):
            derive(Phone(text, "AW"), mode=Mode.REGISTER)

    @pytest.mark.parametrize("text", ["594-72-01", "070/3456172", "+297/594-7201", "0690-55-72-02", "+599 9 461-12-34"])
    def test_strokes_between_the_groups_of_one_number_make_no_second(self, text: str) -> None:
        assert len(_registered(Phone(text, "AW"))) == 1

    def test_digits_that_are_of_two_countries_protect_and_are_asked_under_both(self) -> None:
        assert {("+590690557202",)} <= set(_asked(Phone("0690 55 72 02", "NL")))
        assert {("+573105557263",), ("+13105557263",)} <= set(_asked(Phone("310 555 7263", "AW")))

    def test_old_number_of_sint_maarten_is_asked_under_both_readings(self) -> None:
        assert set(_asked(Phone("+599 542 1234"))) == {("+17215421234",), ("+59995421234",)}

    @pytest.mark.parametrize("text", ["", "0142", "+", "call me", "+297 000 0142 ext 5", "19" * 15, "+297 OOO O142"])
    def test_no_number_is_refused_without_repeating_it(self, text: str) -> None:
        with pytest.raises((PhoneRefused, ExtensionBeside)) as refused:
            derive(Phone(text), mode=Mode.REGISTER)
        assert "type a" in str(refused.value)
        assert not text or text not in str(refused.value).replace("+297 000 0142", "").replace("a plus", "")

    def test_unknown_country_is_refused(self) -> None:
        with pytest.raises(PhoneRefused, match="country"):
            derive(Phone("000 0142", "XX"), mode=Mode.REGISTER)


class TestPerson:
    @pytest.mark.parametrize(
        "name",
        [
            "Testmán, Zenó",
            "TESTMAN ZENO",
            "zeno  testman",
            "Mr. Zeno Testman",
            "Zeno-Testman",
            "Zeno Testman Zeno",
            "Don Zeno de Testman",
            "Ｚｅｎｏ Testman",
            "Zeno Testma\u0301n",
            "Ze\u200bno Testman",
        ],
    )
    def test_spellings_of_one_name_are_one(self, name: str) -> None:
        assert _registered(Person(name, BORN)) == _registered(Person("Zeno Testman", BORN))

    @pytest.mark.parametrize("name", ["Zeno Testmann", "Zeno", "Zena Testman", "Zeno Maria Testman"])
    def test_another_name_is_another(self, name: str) -> None:
        assert _registered(Person(name, BORN)) != _registered(Person("Zeno Testman", BORN))

    @pytest.mark.parametrize(
        "name",
        ["Jan van der Berg", "Berg, Jan van der", "Jan v.d. Berg", "Jan v/d Berg", "Berg, Jan v. der", "Jan vd Berg"],
    )
    def test_particles_do_not_count(self, name: str) -> None:
        assert name_tokens(name) == ("berg", "jan")

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("Van Le", ("le", "van")),
            ("Lo Wei", ("lo", "wei")),
            ("Piet van 't Hof", ("hof", "piet")),
            ("Sam O\u2019Proef", ("oproef", "sam")),
            ("Sam O´Proef", ("oproef", "sam")),
            ("José García Márquez", ("garcia", "jose", "marquez")),
            ("Øyvind Łukasz Æbelø", ("aebelo", "lukasz", "oyvind")),
            ("İbrahim Işık", ("ibrahim", "isik")),
            ("Straße Ĳsbrand", ("ijsbrand", "strasse")),
            ("王小明", ("王小明",)),
            ("Ma. Belen Ruizz", ("belen", "maria", "ruizz")),
            ("Ruizz, M\u00aa Belén", ("belen", "maria", "ruizz")),
            ("Ma Long Proef", ("long", "ma", "proef")),
            ("Yo-Yo Ma.", ("ma", "yo")),
            ("ANA\u200bBRICEÑO", ("ana", "briceno")),
            ("An\u2060a Bri\u00adce\u200cño\ufeff", ("ana", "briceno")),
            ("Ana\u2028Briceño", ("ana", "briceno")),
            ("\u0410na \u0410breu", ("abreu", "ana")),
            ("\u0410\u041d\u0410 ABREU", ("abreu", "aha")),
            ("Жанна Жукова", ("жанна", "жукова")),
        ],
    )
    def test_tokens_of_a_name(self, name: str, expected: tuple[str, ...]) -> None:
        assert name_tokens(name) == expected

    def test_every_surname_counts(self) -> None:
        assert _registered(Person("Ana García Prueba", BORN)) != _registered(Person("Ana García", BORN))

    def test_full_birth_date_gives_p1_alone(self) -> None:
        keys = derive(Person("Zeno Testman", BORN, "AW"), mode=Mode.REGISTER)
        assert keys == [MatchKey("person.p1", 1, ("testman", "zeno", "1979-04-03"))]

    def test_query_also_swaps_day_and_month(self) -> None:
        days = [values[-1] for values in _asked(Person("Zeno Testman", BORN))]
        assert days == ["1979-04-03", "1979-03-04"]

    @pytest.mark.parametrize("born", [Birth(1979, 4, 13), Birth(1979, 5, 5)])
    def test_nothing_is_swapped_that_cannot_be(self, born: Birth) -> None:
        assert len(_asked(Person("Zeno Testman", born))) == 1

    def test_nationality_stands_in_for_a_birth_date(self) -> None:
        keys = derive(Person("Zeno Testman", Birth(1979), "aw"), mode=Mode.REGISTER)
        assert keys == [MatchKey("person.p0", 1, ("testman", "zeno", "AW"))]

    def test_query_with_both_also_asks_for_records_without_a_birth_date(self) -> None:
        families = [key.family for key in derive(Person("Zeno Testman", BORN, "AW"), mode=Mode.QUERY)]
        assert families == ["person.p1", "person.p1", "person.p0"]

    def test_name_alone_has_no_key(self) -> None:
        assert _asked(Person("Zeno Testman")) == []

    @pytest.mark.parametrize("name", ["", " - ", "J.", " ".join(f"Ab{n}" for n in range(17))])
    def test_no_name_is_refused(self, name: str) -> None:
        with pytest.raises(PersonRefused):
            derive(Person(name, BORN), mode=Mode.REGISTER)

    @pytest.mark.parametrize("born", [Birth(1979, 2, 29), Birth(1979, 13, 1), Birth(0, 1, 1)])
    def test_birth_date_that_does_not_exist_is_refused(self, born: Birth) -> None:
        with pytest.raises(PersonRefused):
            derive(Person("Zeno Testman", born), mode=Mode.REGISTER)

    def test_unknown_nationality_is_refused(self) -> None:
        with pytest.raises(PersonRefused):
            derive(Person("Zeno Testman", None, "Venezuelan"), mode=Mode.REGISTER)


class TestDocument:
    @pytest.mark.parametrize(
        "number", ["ZZ0000017", "zz 0000017", "ZZ-000.0017", "ZZOOOOO17", "ZZ00000I7", "ZZ0000017<"]
    )
    def test_spellings_of_one_number_are_one(self, number: str) -> None:
        assert _registered(Document("NL", "PASSPORT", number)) == [("NL", "PASSPORT", "ZZ0000017")]

    @pytest.mark.parametrize("country", ["AW", "BQ", "CW", "SX"])
    def test_kingdom_has_one_passport(self, country: str) -> None:
        assert _registered(Document(country, "PASSPORT", "ZZ0000017")) == [("NL", "PASSPORT", "ZZ0000017")]

    def test_island_keeps_its_own_identity_cards_and_permits(self) -> None:
        assert _registered(Document("AW", "NATIONAL_ID", "79040301")) == [("AW", "NATIONAL", "79040301")]

    @pytest.mark.parametrize("number", ["V-18.234.567", "18234567", "v18234567", "CI 18234567", "V1B234S67"])
    def test_venezuelan_cedula_is_one_with_and_without_its_letter(self, number: str) -> None:
        assert _registered(Document("VE", "NATIONAL_ID", number)) == [("VE", "NATIONAL", "V18234567")]

    def test_venezuelan_cedula_of_a_foreigner_is_another(self) -> None:
        assert _registered(Document("VE", "NATIONAL_ID", "E-12345678")) == [("VE", "NATIONAL", "E12345678")]

    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (Document("NL", "NATIONAL_ID", "111222333"), True),
            (Document("NL", "NATIONAL_ID", "111222334"), False),
            (Document("NL", "NATIONAL_ID", "ZZ0000017"), True),
            (Document("NL", "PASSPORT", "ZZ0000017"), True),
            (Document("NL", "PASSPORT", "ZZOOOOO17"), False),
            (Document("DO", "NATIONAL_ID", "001-1391820-5"), True),
            (Document("DO", "NATIONAL_ID", "001-1391820-6"), False),
            (Document("VE", "NATIONAL_ID", "V-12.345.678"), True),
            (Document("VE", "NATIONAL_ID", "V-1234567890"), False),
            (Document("CO", "NATIONAL_ID", "1.000.000.000"), True),
            (Document("CO", "NATIONAL_ID", "10.000.000.000"), False),
            (Document("VE", "NATIONAL_ID", "V-11470283-4"), True),
            (Document("CO", "PASSPORT", "ZT7770001<4"), check_digit("ZT7770001") == "4"),
            (Document("HT", "PASSPORT", "L898902C3", check_digit="6"), True),
            (Document("HT", "PASSPORT", "L898902C3", check_digit="5"), False),
            (Document("HT", "PASSPORT", "L898902C3"), None),
        ],
    )
    def test_check_digit_is_tested_on_what_was_typed(self, document: Document, expected: bool | None) -> None:  # noqa: FBT001 - a table
        assert is_checked(document) is expected

    @pytest.mark.parametrize(
        ("line", "number"),
        [
            ("L898902C36UTO7408122F1204159ZE184226B<<<<<10", "L898902C3"),
            ("l898902c36uto7408122f1204159ze184226b<<<<<10 ", "L898902C3"),
            ("I<UTOD231458907<<<<<<<<<<<<<<<", "D23145890"),
        ],
    )
    def test_line_that_machines_read_is_read_as_its_number(self, line: str, number: str) -> None:
        assert derive(Document("CO", "PASSPORT", line), mode=Mode.REGISTER) == derive(
            Document("CO", "PASSPORT", number), mode=Mode.REGISTER
        )
        with pytest.raises(DocumentRefused, match="check digits of this line"):
            derive(Document("CO", "PASSPORT", line.replace("23", "24").replace("98", "97")), mode=Mode.REGISTER)

    def test_number_that_fails_its_check_is_still_registered(self) -> None:
        assert _registered(Document("NL", "NATIONAL_ID", "111222334")) == [("NL", "NATIONAL", "111222334")]

    @pytest.mark.parametrize(
        ("text", "digit"), [("L898902C3", "6"), ("D23145890", "7"), ("740812", "2"), ("120415", "9")]
    )
    def test_check_digits_of_icao_9303(self, text: str, digit: str) -> None:
        assert check_digit(text) == digit

    @pytest.mark.parametrize(
        "document",
        [
            Document("", "PASSPORT", "ZZ0000017"),
            Document("NLD", "PASSPORT", "ZZ0000017"),
            Document("NL", "", "ZZ0000017"),
            Document("NL", "PASSPORT", "A1"),
            Document("NL", "PASSPORT", "NONUM?"),
            Document("NL", "PASSPORT", "97" * 13),
            Document("NL", "PASSPORT", "ACEACE"),
        ],
    )
    def test_no_document_is_refused(self, document: Document) -> None:
        with pytest.raises((DocumentRefused, RemarkBeside)) as refused:
            derive(document, mode=Mode.REGISTER)
        assert document.number not in str(refused.value)


class TestEmail:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Zeno.Testman@Example.ORG", "zeno.testman@example.org"),
            (" zeno@example.org. ", "zeno@example.org"),
            ("zeno+shop@example.org", "zeno+shop@example.org"),
            ("Zeno.Testman+shop@googlemail.com", "zenotestman@gmail.com"),
            ("zeno+shop@hotmail.com", "zeno@hotmail.com"),
            ("zeno.x@hotmail.com", "zeno.x@hotmail.com"),
            ("zeno@me.com", "zeno@icloud.com"),
            ("zeno@mac.com", "zeno@icloud.com"),
            ("zeno+shop@pm.me", "zeno@pm.me"),
            ("zeno@BÜCHER.example", "zeno@xn--bcher-kva.example"),
            ("ｚｅｎｏ＠example.org", "zeno@example.org"),
            ("zeno21 @ hotmail . com", "zeno21@hotmail.com"),
        ],
    )
    def test_one_mailbox_has_one_form(self, text: str, expected: str) -> None:
        assert _registered(Email(text)) == [(expected,)]

    @pytest.mark.parametrize("text", [f"{'z' * 65}@example.org", f"z@{'x' * 64}.org"])
    def test_address_with_a_part_too_long_is_refused(self, text: str) -> None:
        with pytest.raises(EmailRefused):
            derive(Email(text), mode=Mode.REGISTER)

    @pytest.mark.parametrize(
        "text",
        ["", "zeno", "@example.org", "zeno@", "zeno@localhost", "a b@example.org", "a@b@example.org", "z@-x.org"],
    )
    def test_no_address_is_refused(self, text: str) -> None:
        with pytest.raises(EmailRefused):
            derive(Email(text), mode=Mode.REGISTER)


class TestPlateAndHandle:
    def test_country_is_part_of_a_plate(self) -> None:
        assert _registered(Plate("CW", "V-1234")) == [("CW", "V1234")]
        assert _registered(Plate("BQ", "v 12.34")) == [("BQ", "V1234")]

    @pytest.mark.parametrize("plate", [Plate("CW", "?"), Plate("CW", "ABC"), Plate("", "V1234"), Plate("CW", "1" * 13)])
    def test_no_plate_is_refused(self, plate: Plate) -> None:
        with pytest.raises(PlateRefused):
            derive(plate, mode=Mode.REGISTER)

    @pytest.mark.parametrize(
        ("handle", "expected"),
        [
            (Handle("Instagram", "@Zeno_T"), ("instagram", "name", "zeno_t")),
            (Handle("IG", "https://www.instagram.com/Zeno_T/?hl=en"), ("instagram", "name", "zeno_t")),
            (Handle("FACEBOOK", "Zeno.Test.man"), ("facebook", "name", "zenotestman")),
            (Handle("fb", "facebook.com/profile.php?id=0142"), ("facebook", "id", "0142")),
            (Handle("TikTok", "tiktok.com/@zeno"), ("tiktok", "name", "zeno")),
            (Handle("Tik Tok", "zeno", account_id="0142"), ("tiktok", "id", "0142")),
            (Handle("twitter", "zeno"), ("x", "name", "zeno")),
        ],
    )
    def test_one_account_has_one_form(self, handle: Handle, expected: tuple[str, ...]) -> None:
        assert _registered(handle) == [expected]

    def test_query_asks_for_id_and_name(self) -> None:
        assert _asked(Handle("tiktok", "Zeno", account_id="0142")) == [
            ("tiktok", "id", "0142"),
            ("tiktok", "name", "zeno"),
        ]

    @pytest.mark.parametrize(
        "handle", [Handle("tiktok"), Handle("", "zeno"), Handle("tiktok", "a b"), Handle("fb", "@")]
    )
    def test_no_account_is_refused(self, handle: Handle) -> None:
        with pytest.raises(HandleRefused):
            derive(handle, mode=Mode.REGISTER)


@pytest.mark.parametrize("character", ["\U0001fae8", "\u0c5d\u0cdd\U00011f00", "\ue000", "\ud800"])
@pytest.mark.parametrize(
    "kind", [lambda c: Person("Jan " + c, BORN), lambda c: Email(f"a{c}@b.nl"), lambda c: Phone("0" + c)]
)
def test_character_that_not_every_program_knows_is_refused(character: str, kind: object) -> None:
    assert callable(kind)
    with pytest.raises(CharacterRefused) as refused:
        derive(kind(character), mode=Mode.REGISTER)
    assert refused.value.details["place"] > 1
    assert character not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ÀÉîõÜ", "aeiou"),
        ("ﬁ", "fi"),
        ("Ⅻ", "xii"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("\u0391lfa \u0421\u0421", "alfa cc"),
        ("m\u03bfno-слон", "mono-слон"),
    ],
)
def test_folding(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        "P<COLPEREZ<GOMEZ<<ROSA<MARIA<<<<<<<<<<<<<<<<",
        "p<colperez<gomez<<rosa<maria<<<",
        "PPCOLPEREZ<GOMEZ<<ROSA<MARIA<<<<<<<<<<<<<<<<",
        "PEREZ<GOMEZ<<ROSA<MARIA<<<<<<<",
    ],
)
def test_first_line_that_machines_read_is_read_as_the_name_in_it(line: str) -> None:
    assert name_tokens(line) == name_tokens("Rosa María Pérez Gómez")


def test_every_refusal_has_a_code_and_advice_of_its_family() -> None:
    codes = {error.code for error in SelectorRefused.__subclasses__()}
    assert len(codes) == len(SelectorRefused.__subclasses__()) == 15
    assert all(error.advice for error in SelectorRefused.__subclasses__())
