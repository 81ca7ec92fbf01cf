"""Who lets people in in tests, and what they were taught."""

from __future__ import annotations

from datetime import date
from typing import Final

from register.domain.access.organisation import Training

BY: Final = {"list": "test"}
TRAINED: Final = Training("Working with the register", date(2025, 1, 1), date(2099, 12, 31))
