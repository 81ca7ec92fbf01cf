"""The weight table is checked whole when it is read."""

from __future__ import annotations

from importlib.resources import files

import pytest

from register.matching.weights import WeightsError, default_weights, read_weights

TEXT = files("register.matching").joinpath("weights.toml").read_text(encoding="utf-8")


def test_every_row_says_that_it_is_assumed_as_long_as_nothing_was_trained() -> None:
    with pytest.raises(WeightsError, match=r"nationality\.equal"):
        read_weights(TEXT.replace("u = 0.2000, assumed = true", "u = 0.2000"))


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("m = 0.85, u = 0.0010", "m = 0.0001, u = 0.0010", "surname.exact"),
        ("m = 0.40, u = 0.99995", "m = 0.999, u = 0.5", "names_and_birth_date.unequal"),
        ('differs = "names_and_birth_date"', "", "several things together"),
        ('phone = "equal"', 'phone = "alike"', "phone.alike"),
        ('handle = "equal"', 'moniker = "equal"', "moniker"),
        ('["person.p3", "person.p4"]', '["person.p3", "person.p1"]', "person.p1"),
        ("strong = 15.0", "strong = 25.0", "strength"),
        ("strong = 15.0", "strong = 8.0", "strength"),
    ],
)
def test_a_table_that_contradicts_the_rules_is_refused_by_row(was: str, becomes: str, named: str) -> None:
    assert was in TEXT
    with pytest.raises(WeightsError, match=named):
        read_weights(TEXT.replace(was, becomes))


def test_an_attribute_without_a_level_for_unequal_is_refused() -> None:
    lines = [line for line in TEXT.splitlines() if not line.startswith("unequal = { m = 0.95, u = 0.99990")]
    with pytest.raises(WeightsError, match="ticket"):
        read_weights("\n".join(lines))


def test_all_families_that_are_published_now_have_a_row() -> None:
    assert {"phone", "email", "document", "plate", "handle", "person.p0", "person.p1"} <= set(
        default_weights().families
    )


def test_no_level_counts_for_or_against_more_than_its_clip() -> None:
    """Disagreement is never decisive; of agreements a document's alone."""
    read = read_weights(TEXT.replace("m = 0.40, u = 0.99995", "m = 0.000001, u = 0.99995"))
    assert min(one.bits for family in read.families.values() for one in family.against) == -12


def test_the_stated_limits_are_those_of_the_design() -> None:
    weights = default_weights()
    assert (weights.very_strong, weights.strong, weights.possible, weights.too_common_over) == (20, 15, 8, 25)
