"""That whoever tells a story is forced, held or robbed of her papers; and what others tell of such a person."""

from __future__ import annotations

import pytest

from register.domain.signals.protecting.said_of_oneself import teller_says_victim


@pytest.mark.parametrize(
    "story",
    [
        "E muhe ta bisa: ami mes mester traha aki.",
        "Yo misma tengo q trabajar aca pa pagar.",
        "Ikzelf moet hier werken, ik ben bang.",
        "Ik moet elke nacht in de bar werken.",
        "I am forced to work here",
        "They made me work there.",
        "I have to work here until it is paid.",
        "ik word gedwongen",
        "Ze dwingen mij.",
        "my boss took my passport",
        "My papers were taken.",
        "mijn baas heeft mijn paspoort",
        "Mijn paspoort is afgepakt.",
        "mi jefe me quito el pasaporte",
        "Tienen mi pasaporte.",
        "me obligan a trabajar",
        "nan ta obliga mi",
        "mi jefe a kita mi pasport",
        "Mi no por sali for di cas.",
        "mwen blije travay isit",
        "Yo pran paspò mwen.",
        "Yo pa kite m soti.",
        "I am not allowed to leave.",
        "They won't let me leave.",
        "Ik mag niet weg.",
        "No me dejan salir.",
        "Sou obrigada a trabalhar.",
        "Não me deixam sair.",
        "Je suis forcée de travailler.",
        "On a pris mon passeport.",
        "J'ai peur de mon patron.",
        "Tengo miedo de mi jefe.",
        "I must pay off my debt.",
        "Tengo que pagar la deuda.",
        "Mi mester paga mi debe.",
        'She said: "I am afraid of him".',
        "we are forced to work",
        "Nos quitaron los pasaportes.",
        "nos mester traha aki",
        "yo fose nou travay",
        "soi victima",
        "soy la vicctima",
        "Soy la vicitma.",
        "Soy la vitima.",
        "Ik ben zelf het slachtofer.",
        "Ik ben zelf het slachtoffferr niet, ik word gedwongen.",
    ],
)
def test_whoever_says_that_she_is_forced_is_taken_for_the_victim(story: str) -> None:
    assert teller_says_victim(story)


@pytest.mark.parametrize(
    "story",
    [
        "She is forced to work there.",
        "Zij wordt gedwongen.",
        "La obligan a trabajar.",
        "Nan ta oblig'e.",
        "Her boss took her passport.",
        "Hij heeft haar paspoort.",
        "Le quitaron el pasaporte.",
        "She may not leave.",
        "Zij mag niet weg.",
        "I work here as a cook.",
        "Ik werk hier.",
        "Trabajo aqui.",
        "Mi ta traha aki.",
        "I have to work tomorrow.",
        "Ik moet morgen werken.",
        "I showed my passport.",
        "I am afraid that she is in danger.",
        "Ik ben bang dat zij niet weg mag.",
        "Ik ben bang voor haar.",
        "Tengo miedo de que le pase algo.",
        "I am afraid for her.",
        "Cook found in the kitchen at night: no pay since he came, passport held by the house.",
        "Domestic worker without pay slips; she works every day of the week.",
        "Two women of the bar tell of fines for refused drinks and a debt for the ticket.",
        "Her papers are with the man who paid her journey.",
        "Soy vecina del bar.",
        "Soy la hermana de la victima.",
        "I paid my bill and left.",
        "I was kept informed.",
        "I was held up in traffic.",
        "I must work with the unit every week.",
        "Ik moet met de eenheid werken aan dit dossier.",
        "Mi tin mi pasport.",
        "Mi tin miedo pa e mucha.",
        "He pays off his debt.",
    ],
)
def test_what_is_told_of_another_and_what_anybody_says_is_no_word_of_hers(story: str) -> None:
    assert not teller_says_victim(story)
