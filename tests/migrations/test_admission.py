"""Whoever was let in before the migration has units and trainings after it, in every country."""

from __future__ import annotations

from register.services.running import operate_database
from schemas.codes import Partition
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move
from tests.support.world import world

UNITS = "SELECT DISTINCT country, profile->>'contact_unit' FROM rtr.organisation ORDER BY 1, 2"


def test_units_that_profiles_name_are_listed_and_trainings_have_a_name() -> None:
    with world(countries=(Partition.AW, Partition.CW)) as made:
        _move(made.settings, "2026_11_29_05")
        with _connection(made.settings) as connection, connection.begin():
            connection.exec_driver_sql(
                "UPDATE rtr.authorisation SET trained_on = '2025-01-01' WHERE actor = 'aw-dimas'"
            )
        for register in made.registers.values():
            register.close()
        operate_database.migrate(made.settings)
        with _connection(made.settings) as connection:
            named = connection.exec_driver_sql(UNITS).all()
            units = connection.exec_driver_sql("SELECT country, name FROM rtr.contact_unit ORDER BY 1, 2").all()
            numbers = connection.exec_driver_sql("SELECT country, number FROM rtr.organisation_list ORDER BY 1").all()
            trainings = connection.exec_driver_sql(
                "SELECT actor, training, trained_until FROM rtr.authorisation WHERE trained_on IS NOT NULL"
            ).all()
    assert units == named
    assert [tuple(row) for row in numbers] == [("AW", 1), ("CW", 1)]
    assert [tuple(row) for row in trainings] == [("aw-dimas", "not named", None)]
