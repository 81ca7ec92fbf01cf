"""The rules of the Memorandum of Understanding, as data with the code that applies them.

Every rule is assumed until a lawyer of the country has replaced it: no text of the MoU, of its covenant or of the
editions known by date is public, and statutes may have been renumbered. So a rule is never a constant in code. It is
a row of an edition, with the clause or page it rests on, one sentence for the people it stops, and the mark `assumed`.

    edition  loads and checks an edition, and knows its hash
    facts    what the rules look at
    rules    the predicates, by rule id
    keys     whose match keys may be published
    decide   may_send, may_hold, may_see, may_ask

Nothing here knows the time, a database or a network; only the packaged editions are read.
"""
