"""What a received label must say of the decision behind it; and the rules that `decide` itself applies."""

from __future__ import annotations

from register.mou.rules.table import TABLE, Holding, Nothing, Verdict, declare, predicate, refuse_if

IN_FORCE = "EDITION-1"
KNOWN = "EDITION-2"

declare(IN_FORCE)
declare(KNOWN)


@predicate("LABEL-1", Holding, given=Nothing)
def label_names_its_rules(_: Nothing, question: Holding) -> Verdict:
    """A decision without a rule is none, and a rule that no edition knows is no rule."""
    return refuse_if(not question.terms.rules or any(rule not in TABLE for rule in question.terms.rules))
