"""Which selector classes have a key of the five now, and the epoch in force for each.

A class is added with its normalisation rules. An epoch change will make the epochs rows of the register; until then
there has been one ceremony for each class.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FIRST_EPOCH = 1
CLASSES = ("phone", "email", "document", "plate", "handle", "iban", "vessel", "company", "person")
EPOCHS: Mapping[str, int] = MappingProxyType(dict.fromkeys(CLASSES, FIRST_EPOCH))
