"""Embedded parts are for trial and test: each refuses production with the same error."""

from __future__ import annotations

from register.errors import OperatorError


class RefusedInProduction(OperatorError):
    """An embedded part was asked for where RTR_ENV says production."""

    code = "embedded-in-production"
    advice = "Give the URL of a server that your operators run; embedded parts are for trial and test."
