"""When to ask a partner for more of its log, and what is begun ahead while the last piece is applied."""
