"""What a story says of a child in digits, by a birth or by a word for minors; and the numbers that are nobody's age."""

from __future__ import annotations

import pytest

from register.domain.signals.protecting.perhaps_victims import perhaps_a_victim
from register.domain.signals.protecting.said_in_a_story import tells_child
from schemas.signals.parts import Birth, SubjectIn
from tests.support.forms import a_form


def told(story: str) -> bool:
    """Whether it is told in a report of 2025."""
    return tells_child(story, 2007, 2025)


@pytest.mark.parametrize(
    "story",
    [
        "Een meisje van 15, zij werkt in de bar en mag niet weg.",
        "een meisje van 15 uit Caracas",
        "jongen van 12",
        "kind van 4",
        "kind (9)",
        "Lola is een kind (9) en is alleen.",
        "a girl of 15 works there",
        "a girl named Lola, 15, works there",
        "a girl, only 15",
        "girls aged 14 and 16",
        "twee meisjes van 14 en 16",
        "e mucha tin 15",
        "un mucha muhe di 15",
        "nena de 15 anos",
        "nina de 7 anos",
        "una niña de apenas 15",
        "menina de 15 anos",
        "une fille de 15 ans",
        "ti fi 15 an",
        "Gen yon ti fi 15 an ki travay la.",
        "meisje van 15 jaar",
        "een meisje van dertien",
        "girl, 15 yrs",
        "niña de 15 años",
        "yiu muhe di 12 aña",
    ],
)
def test_a_word_for_one_child_with_a_number_under_eighteen_tells_of_a_child(story: str) -> None:
    assert told(story)


@pytest.mark.parametrize(
    "story",
    [
        "zij is 15",
        "ze is pas 15",
        "ik ben 15",
        "Ik ben 15 en moet werken.",
        "is 15 jr",
        "she is 15",
        "She's only 16.",
        "I am 17 and I want to go home.",
        "tiene 15",
        "tiene apenas 15, es de Cucuta",
        "tengo 16",
        "elle a 15 ans",
        "Li gen 15 an.",
        "ela tem 15 anos",
        "e tin 15",
        "quince años",
        "Se llama Lola, quince anos.",
        "dieskuater aña",
        "E tin dieskuater aña.",
        "tengo quince",
        "Zij zegt dat ze 15 is.",
        "ik ben vijftien",
        "een vrouw van 17",
        "Lola (15)",
        "Vandaag kwam Lola (15) aan de balie.",
        "Lola, 15, works there.",
    ],
)
def test_who_is_or_has_so_many_is_told_to_be_a_child(story: str) -> None:
    assert told(story)


@pytest.mark.parametrize(
    "story",
    [
        "geb. 2011",
        "Zij is geboren in 2011.",
        "born 3/4/2012",
        "She was born in Caracas in 2011.",
        "born 3 April 2012",
        "geboren op 12-5-11",
        "nacida en 2011",
        "nació el 3 de mayo de 2012",
        "e ta nasi na 2011",
        "nascida em 2011",
        "née en 2011",
        "li fèt an 2011",
        "geboortedatum: 2011-05-03",
        "DOB 03.05.2011",
    ],
)
def test_a_birth_that_makes_a_minor_at_the_day_of_the_report_is_told(story: str) -> None:
    assert told(story)


@pytest.mark.parametrize(
    "story",
    [
        "Ze is minderjarig.",
        "Een minderjarige werkt er.",
        "Es menor de edad.",
        "Hay una menor en el bar.",
        "She is a minor.",
        "Two minors work there.",
        "underage girls",
        "een tiener",
        "una adolescente de Cucuta",
        "Zij is onder de 18.",
        "bou di 18 aña",
        "tiene menos de 18",
        "not yet 18",
        "nog geen achttien",
        "Er slapen twee kinderen in de keuken.",
        "Zij heeft een baby bij zich.",
        "There is a child in the house.",
        "Una niña duerme allí.",
        "una nina duerme alli",
        "Tin muchanan ta traha einan.",
        "Uma criança trabalha lá.",
        "un enfant travaille",
        "Gen timoun k ap travay.",
        "elle est mineure",
        "15 meisjes werken er.",
        "soy menor",
        "She is a minor girl.",
        "e ta menor",
        "No ha cumplido 18.",
        "haar zoontje",
    ],
)
def test_a_word_that_says_minor_needs_no_number(story: str) -> None:
    assert told(story)


@pytest.mark.parametrize(
    "story",
    [
        "Kamer 15, elke nacht.",
        "Hij vroeg 15 euro.",
        "The meeting is at 15:00.",
        "She is at 15 Kerkstraat.",
        "Zij woont op nummer 15.",
        "Zij is 12 keer verhuisd.",
        "She is 15 weeks pregnant.",
        "She is 15 minutes late.",
        "Tiene 15 trabajadoras.",
        "E tin 15 kamber.",
        "Het huis is 15 meter lang.",
        "Zij is 15 kilo afgevallen.",
        "El bar tiene 12 mesas.",
        "Elle a 15 clients par nuit.",
        "She earns 15 an hour.",
        "Een vrouw van 25 werkt er.",
        "Een meisje van 25 werkt er.",
        "Zij is 19.",
        "Tiene 32 y es de Cali.",
        "Lola (25)",
        "Kerkstraat (15)",
        "Kamer (15)",
        "Kerkstraat 15, Oranjestad",
        "geboren in 1990",
        "born 3/4/1988",
        "nacida en 1999",
        "Born in Aruba, moved here in 2023.",
        "Seen on 3/4/2012.",
        "Sinds 2011 werkt zij hier.",
        "Opened in 2011.",
        "What kind of work is it?",
        "A kind man helped her.",
        "A minor accident.",
        "Trabaja mucha gente.",
        "Hay mucha policia.",
        "Su hermano menor vive en Cali.",
        "Under 18 degrees in the store.",
        "De temperatuur is onder de 18 graden.",
        "Anonymous letter about girls in a bar who may not leave with their own bag.",
        "A girl was told to ask for a man at this number.",
        "Storm: three families were moved; one girl was fetched by a man nobody knows.",
        "A parent asks what to do about a job offer for a daughter of nineteen.",
        "Companion answers every question for a traveller of twenty.",
        "Open boat with nine people, no lights. Two said that each must work off 2,500 in a kitchen.",
        "Meisje gezien op maandag, 15 mei.",
        "The girl left the bar, 15 minutes later the man came.",
        "Meisjes van 3 scholen werden benaderd.",
        "Zij werkt er al 15 jaar.",
        "Een meisje uit Cuba werd gezien.",
        "Het meisje, onze getuige, zag niets.",
        "The girl, once a waitress, left.",
        "Zij betaalde 3 keer 15.",
        "Nee, in 2011 was het bar gesloten.",
        "Rekening van 15, betaald.",
        "Lunes, 15, a las nueve.",
        "Landlord confirms a stay of twelve people in a flat for two.",
        "He lived there ten years.",
        "Elk meisje betaalt 15 per nacht.",
        "A woman of 30 (4 months pregnant).",
        "La chica del apartamento 12 salio.",
        "Hij heeft 15 vrouwen aan het werk.",
        "Paspoort geldig tot 2030, afgegeven 2015.",
        "Vivio diez años en Curaçao.",
    ],
)
def test_an_amount_an_hour_a_count_a_house_and_a_day_are_nobodys_age(story: str) -> None:
    assert not told(story)


@pytest.mark.parametrize(("year", "story", "asked"), [(None, True, True), (1990, True, False), (None, False, False)])
def test_who_may_be_the_child_of_the_story_waits_unless_a_birth_date_is_known(
    *,
    year: int | None,
    story: bool,
    asked: bool,
) -> None:
    birth = None if year is None else Birth(year=year)
    one = SubjectIn(n=1, role="COMPANION", kind="person", name="Lola Bermarez", birth=birth, selectors=())
    account = "Een meisje van 15, zij werkt in de bar en mag niet weg." if story else "Een vrouw werkt in de bar."
    assert perhaps_a_victim(a_form(subjects=[one.model_dump(mode="json")], account=account), one) is asked


@pytest.mark.parametrize(("received", "asked"), [("2025-06-01", True), ("2031-06-01", False)])
def test_a_year_of_birth_is_held_against_the_day_of_the_report(received: str, *, asked: bool) -> None:
    one = SubjectIn(n=1, role="COMPANION", kind="person", name="Lola Bermarez", selectors=())
    form = a_form(
        subjects=[one.model_dump(mode="json")],
        account="Ze is geboren in 2011.",
        received_on=received,
        period={"from": received},
    )
    assert perhaps_a_victim(form, one) is asked
