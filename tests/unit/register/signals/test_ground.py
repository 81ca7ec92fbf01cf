"""What a record rests on: its organisation's profile, the form's word over it; a crime class on theme records."""

from __future__ import annotations

from datetime import date

import pytest

from register.domain.access.organisation import Organisation
from register.domain.signals.ground import CrimeClassNeeded, ground_of
from rtr_trial.demo.made_up import data
from schemas.codes import CrimeClass, LegalBasis, code_list
from tests.support.forms import a_form

TODAY = date(2026, 3, 1)
THEME = [code.code for code in code_list("legal_basis") if code.extra.get("theme")]


@pytest.fixture
def police() -> Organisation:
    return next(o.registered() for o in data.organisations() if o.code == "NL-KMAR")


@pytest.mark.parametrize("basis", THEME)
def test_a_theme_record_without_a_crime_class_is_refused(police: Organisation, basis: str) -> None:
    with pytest.raises(CrimeClassNeeded) as refused:
        ground_of(a_form(legal_basis=basis), police, today=TODAY, covenant=None)
    assert refused.value.details == {"pointer": "/crime_class"}


@pytest.mark.parametrize("crime", CrimeClass)
@pytest.mark.parametrize("basis", THEME)
def test_a_theme_record_with_one_is_taken(police: Organisation, basis: str, crime: CrimeClass) -> None:
    ground = ground_of(a_form(legal_basis=basis, crime_class=crime), police, today=TODAY, covenant=None)
    assert (ground.legal_basis, ground.crime_class) == (basis, crime)


@pytest.mark.parametrize("basis", sorted(set(LegalBasis) - set(THEME)))
def test_no_other_record_needs_one(police: Organisation, basis: LegalBasis) -> None:
    """Two thirds of the notifications could not be told apart and must still be registered."""
    assert ground_of(a_form(legal_basis=basis), police, today=TODAY, covenant=None).crime_class is None
