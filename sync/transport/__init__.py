"""HTTP to partners (`partner`), and what also others need of it: deadlines, addresses, a look at who answers."""
