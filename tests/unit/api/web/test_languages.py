"""What the pages say, in every language: complete where it is promised, marked where nobody checked it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from babel.messages.pofile import read_po
from markupsafe import Markup

from api.web.frame.languages import INTAKE_ONLY, N_, WHOLE, Words, catalogue, nearest_language
from api.web.signals.reporting.steps import AID_MEANS, MAIN_TYPES
from register.domain.signals.signal_document import QUESTIONS
from register.mou import edition as editions
from schemas.codes import Partition, code_list
from tests.support.web.messages import WEB, messages, of_intake

_PLACE = re.compile(r"%\(\w+\)s")
AW, BQ, CW, NL = Partition.AW, Partition.BQ, Partition.CW, Partition.NL


def known(language: str) -> dict[str, str]:
    return {str(m.id): str(m.string) for m in catalogue(language) if m.id and m.string}


def test_dutch_says_everything_that_english_says() -> None:
    assert set(messages()) - set(known("nl")) == set()


def test_dutch_has_the_sentence_of_every_rule() -> None:
    says = {rule.says for name in editions.list_packaged_editions() for rule in editions.load(name).rules.values()}
    assert says - set(known("nl")) == set()


def test_dutch_has_what_a_report_asks_next() -> None:
    assert set(QUESTIONS) - set(known("nl")) == set()


@pytest.mark.parametrize("language", [*WHOLE[1:], *INTAKE_ONLY])
def test_a_message_is_translated_once_whatever_parts_of_the_pages_say_it(language: str) -> None:
    """Twice, one part would say it in the other's words, or the two would drift apart."""
    files = sorted((WEB / "locale" / language).glob("*.po"))
    said = Counter(m.id for file in files for m in read_po(BytesIO(file.read_bytes())) if m.id)
    assert [message for message, times in said.items() if times > 1] == []
    # Within one file the reader drops what comes again, whatever it says.
    written = {file.name: len(re.findall(r"^msgid ", file.read_text(encoding="utf-8"), re.MULTILINE)) for file in files}
    assert written == {file.name: len(list(read_po(BytesIO(file.read_bytes())))) for file in files}


@pytest.mark.parametrize("language", INTAKE_ONLY)
def test_intake_form_is_complete_in_the_languages_of_the_islands(language: str) -> None:
    assert of_intake() - set(known(language)) == set()


@pytest.mark.parametrize("language", [*WHOLE[1:], *INTAKE_ONLY])
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    wrong = {m: t for m, t in known(language).items() if sorted(_PLACE.findall(m)) != sorted(_PLACE.findall(t))}
    assert wrong == {}


@pytest.mark.parametrize("language", INTAKE_ONLY)
def test_text_that_nobody_checked_is_marked_on_the_page_and_not_in_its_title(language: str) -> None:
    words = Words(language, AW)

    assert str(words.marked("Go on")).endswith('<span class="unchecked" aria-hidden="true">°</span>')
    assert "°" not in words.plain("Go on")


@pytest.mark.parametrize("language", WHOLE)
def test_checked_language_bears_no_mark(language: str) -> None:
    assert "°" not in Words(language, AW).marked("Go on")


@pytest.mark.parametrize("language", [*WHOLE, *INTAKE_ONLY])
def test_value_in_a_message_is_escaped(language: str) -> None:
    said = Words(language, AW).marked(N_("Call %(number)s first", number="<script>alert(1)</script>"))

    assert isinstance(said, Markup)
    assert "<script" not in said
    assert "&lt;script&gt;" in said


def test_one_word_never_means_the_opposite_on_bonaire() -> None:
    """*Trafikashon di hende* is trafficking in Curaçao and smuggling on Bonaire."""
    assert "Trafikashon" in Words("pap_CW", CW).label("signal_type", "HT")
    assert "Trata" in Words("pap_CW", BQ).label("signal_type", "HT")
    assert "Trafikashon" in Words("pap_CW", BQ).label("signal_type", "MS")


def test_evening_on_the_island_is_said_with_the_islands_day() -> None:
    past_midnight = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

    assert Words("en", AW).day_at(past_midnight) == "1 March 2026"
    assert Words("en", AW).moment(past_midnight) == "1 March 2026, 21:30"
    assert Words("en", NL).moment(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == "2 July 2026, 00:30"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "5 May 2025"), ("nl", "5 mei 2025"), ("es", "5 mayo 2025"), ("pap_AW", "5 mei 2025")]
)
def test_days_are_said_in_words(language: str, said: str) -> None:
    assert Words(language, AW).day(date(2025, 5, 5)) == said


LISTS = ("urgency", "location_type", "source", "channel", "signal_type", "subject_role", "document_type",
         "document_use", "act", "exploitation_form", "smuggling_element", "purpose",
         "person_category")  # fmt: skip


@pytest.mark.parametrize("language", INTAKE_ONLY)
def test_every_code_that_the_form_offers_has_its_words(language: str) -> None:
    codes = [one for name in LISTS for one in code_list(name)]
    codes += [code_list("means")[code] for code in AID_MEANS]
    said = known(language)

    assert {c.label("en") for c in codes if language not in c.labels} - set(said) == set()
    assert {code_list("signal_type")[c].explain("en") for c in MAIN_TYPES} - set(said) == set()


def test_words_of_the_form_never_use_the_word_that_flips_between_the_islands() -> None:
    """It stands in the labels of the types only, each with its explanation, and in the warning itself."""
    for language in ("pap_AW", "pap_CW"):
        assert not [text for text in known(language).values() if re.search("trafi[ck]a[ck]?[sc]h?i?on", text.lower())]


@pytest.mark.parametrize(
    ("wanted", "country", "found"),
    [
        ("nl-AW", AW, "nl"),
        ("es-VE", AW, "es"),
        ("pap-CW", AW, "pap_CW"),
        ("pap-AW,pap;q=0.9,en;q=0.1", CW, "pap_AW"),
        ("pap", AW, "pap_AW"),
        ("pap", BQ, "pap_CW"),
        ("fr-FR, nl;q=0.5, es;q=0.9", NL, "es"),
        ("nl;q=0, en", NL, "en"),
        ("fr", AW, "en"),
        ("", AW, "en"),
        (";q=x,,*;q=0.1", AW, "en"),
    ],
)
def test_first_page_speaks_the_nearest_language_that_the_browser_asks_for(
    wanted: str, country: Partition, found: str
) -> None:
    assert nearest_language(wanted, WHOLE + INTAKE_ONLY, country) == found
