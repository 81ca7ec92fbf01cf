"""What a record rests on: its organisation's profile, the form's word over it; a crime class on theme records."""

from __future__ import annotations

from datetime import date

import pytest

from register.domain.access.organisation import Organisation
from register.domain.signals.ground import CrimeClassNeeded, ground_of
from rtr_trial.demo.made_up import data
from schemas.codes import CrimeClass, LegalBasis, Purpose, Visibility, code_list
from tests.support.forms import a_form

TODAY = date(2026, 3, 1)
THEME = [code.code for code in code_list("legal_basis") if code.extra.get("theme")]

NO_THEME = sorted(set(LegalBasis) - set(THEME))


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


@pytest.mark.parametrize(
    ("field", "values"), [("visibility", list(Visibility)), ("purpose", list(Purpose)), ("legal_basis", NO_THEME)]
)
def test_what_the_form_says_of_its_ground_holds_and_the_profile_only_fills_in(
    police: Organisation, field: str, values: list[str]
) -> None:
    """C34: a report marked to be found by nobody is not shown openly because its organisation usually shares."""
    silent = ground_of(a_form(**{field: None}), police, today=TODAY, covenant=None)
    assert getattr(silent, field) == getattr(police.profile, field)
    assert len(values) > 1
    for value in values:
        assert getattr(ground_of(a_form(**{field: value}), police, today=TODAY, covenant=None), field) == value


@pytest.mark.parametrize("basis", sorted(set(LegalBasis) - set(THEME)))
def test_no_other_record_needs_one(police: Organisation, basis: LegalBasis) -> None:
    """Two thirds of the notifications could not be told apart and must still be registered."""
    assert ground_of(a_form(legal_basis=basis), police, today=TODAY, covenant=None).crime_class is None
