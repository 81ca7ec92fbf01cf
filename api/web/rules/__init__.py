"""The pages on rules and words: the edition in force rule by rule, another edition beside it, and the glossary."""
