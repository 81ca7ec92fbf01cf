"""The predicates of the MoU, by rule id: importing the package fills the table.

One module a topic. What a rule says in words, on which clause it rests and with which parameters it applies stands
in an edition (`register/mou/editions`); every edition says something about every rule here.
"""

from __future__ import annotations

from register.mou.rules import asking, basis, condition, gate, label, persons, recipients, use
from register.mou.rules.table import TABLE

__all__ = ["TABLE", "asking", "basis", "condition", "gate", "label", "persons", "recipients", "use"]
