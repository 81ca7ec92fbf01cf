"""What a page says of how a value was read."""

from __future__ import annotations

import pytest

from api.web.frame.languages import Words
from api.web.signals.reporting.reading import said
from register.pseudonyms.readings import readings_of
from schemas.codes import Partition
from tests.support.forms import a_form

START = {"en": "What stands beside it", "nl": "Wat ernaast staat", "es": "Lo que está al lado"}


@pytest.mark.parametrize("language", START)
def test_what_nothing_understands_beside_a_value_is_shown_in_the_words_of_the_page(language: str) -> None:
    typed = {"type": "PHONE", "value": "+297 594 7105 Jan de Boer"}
    form = a_form(subjects=[], selectors=[typed])
    [reading] = readings_of(form, Partition.AW)
    words = Words(language, Partition.AW)
    lines = [words.plain(line) for line in said(reading, words)]
    assert len(lines) == 2
    assert lines[1].startswith(START[language])
    assert '"Jan de Boer"' in lines[1]
