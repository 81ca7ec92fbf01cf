"""Embedded parts are for trial and test: each refuses production with the same error."""

from __future__ import annotations

from register.errors import OperatorError


class RefusedInProduction(OperatorError):
    """An embedded part was asked for where RTR_ENV says production."""

    code = "embedded-in-production"
    advice = "Give the URL of a server that your operators run; embedded parts are for trial and test."


def refuse_production(environment: str, what: str) -> None:
    """Refuse a whole command, which would set its parts up as a trial whatever the settings say.

    Raises:
        RefusedInProduction: the settings, or RTR_ENV, say production.
    """
    if environment == "production":
        raise RefusedInProduction(f"`{what}` is for trial and test, and these settings are of production")
