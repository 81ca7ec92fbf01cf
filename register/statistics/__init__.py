"""Regional statistics that hold: registered tables, keyed rounding, attacks, ledger and release, all pure."""
