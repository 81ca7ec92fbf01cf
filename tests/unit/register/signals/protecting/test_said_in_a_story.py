"""What a story says in words of an age under 18, and of whoever tells it; and what sounds like it and is neither."""

from __future__ import annotations

import pytest

from register.domain.signals.protecting.said_in_a_story import tells_age_in_words
from register.domain.signals.protecting.said_of_oneself import teller_says_victim
from register.domain.signals.protecting.who_told import may_be_she
from register.domain.signals.protection import Protection, teller_of
from register.mou.record import keys_of
from schemas.signals.parts import SubjectIn
from tests.support.forms import a_form


@pytest.mark.parametrize(
    "story",
    [
        "Vieron a una niña de trece años en el bar.",
        "Een meisje van dertien werkt achter de bar.",
        "A thirteen-year-old girl works there.",
        "Un mucha muhé di diestres aña ta traha einan.",
        "Uma menina de treze anos.",
        "Une fille de treize ans travaille là.",
        "Gen yon ti fi ki gen trèz an.",
        "Ze is vijftien jaar en werkt elke nacht.",
        "Tiene dieciséis años y no tiene pasaporte.",
        "E tin diesseis aña.",
        "She is seventeen years old.",
        "A boy, aged twelve, carries the bags.",
        "Una mujer de diecisiete años.",
        "Een zestienjarige uit Caracas.",
        "Se llama Lola, edad quince.",
        "Zij is zeventien. Hij is veertig.",
        "girl of fourteen",
        "een kind van vijf jaar",
        "he is fourteen and his brother is older",
    ],
)
def test_an_age_under_eighteen_in_words_is_told(story: str) -> None:
    assert tells_age_in_words(story)


@pytest.mark.parametrize(
    "story",
    [
        "Trabaja aquí hace trece años.",
        "Tiene diez años aquí.",
        "Tiene diez años trabajando en el puerto.",
        "Zij werkt er al vijf jaar.",
        "Vijf jaar geleden kwam zij aan.",
        "Een meisje van vijfentwintig jaar.",
        "A thirty-five-year-old woman.",
        "Una mujer de treinta y cinco años.",
        "Un hòmber di trinta i sinku aña.",
        "Een vijfjarig contract.",
        "a ten-year-old car",
        "Het kind van twee ouders uit Cuba.",
        "Two girls of three schools were seen.",
        "He got ten years in prison.",
        "De eigenaar is tien jaar getrouwd.",
        "He is ten years older.",
        "Es geleden: dertien mensen in een kamer.",
        "Dertien meisjes werken er.",
        "Trece muchachas viven en la casa.",
        "Kamer vijftien, elke nacht na tien uur.",
        "Zij is twaalf keer verhuisd.",
        "Es jefa de diez mujeres.",
        "Une femme de trente-cinq ans.",
    ],
)
def test_a_length_of_time_a_count_and_an_adults_age_are_none(story: str) -> None:
    assert not tells_age_in_words(story)


@pytest.mark.parametrize(
    "story",
    [
        "Soy yo la víctima, por favor ayuda.",
        "La victima soy yo.",
        "Fui víctima de trata en 2024.",
        "Ik ben zelf het slachtoffer.",
        "ik ben slachtoffer van mensenhandel",
        "Ik ben het slachtoffer, niet de dader.",
        "Het slachtoffer ben ik.",
        "I am the victim.",
        "I'm a victim of trafficking.",
        "I was myself a victim here.",
        "I have been trafficked to this island.",
        "Mi ta e víktima.",
        "Ami ta e víktima di e hòmber ei.",
        "Eu sou a vítima.",
        "Je suis la victime.",
        "Mwen se viktim.",
    ],
)
def test_whoever_says_i_am_the_victim_is_taken_for_her(story: str) -> None:
    assert teller_says_victim(story)


@pytest.mark.parametrize(
    "story",
    [
        "Soy la hermana de la víctima.",
        "No soy la víctima.",
        "Ik ben de zus van het slachtoffer.",
        "Ik ben het slachtoffer tegengekomen bij de bar.",
        "Ik ben geen slachtoffer.",
        "I am the victim's sister.",
        "I am the victim support officer of the hospital.",
        "I am not the victim.",
        "I saw the victim.",
        "Mi no ta e víktima.",
        "Mi a mira e víktima.",
        "Não sou a vítima.",
        "Je ne suis pas la victime.",
        "The victim is a woman.",
    ],
)
def test_whoever_speaks_of_a_victim_is_none(story: str) -> None:
    assert not teller_says_victim(story)


def test_a_story_in_the_first_person_asks_as_a_report_whose_source_is_the_victim() -> None:
    friend = SubjectIn(n=1, role="COMPANION", kind="person", name="Otilio Bermarez", selectors=())
    said, unsaid = (
        a_form(source="CITIZEN", subjects=[friend.model_dump(mode="json")], account=story)
        for story in ("Soy yo la víctima.", "Es una vecina.")
    )
    assert [may_be_she(one, one.subjects[0]) for one in (said, unsaid)] == [True, False]
    assert [teller_of(one) for one in (said, unsaid)] == [{Protection.TOLD_IT}, frozenset()]
    assert [keys_of(one, {1})[0].perhaps_reporters for one in (said, unsaid)] == [True, False]
