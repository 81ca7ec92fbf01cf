"""Contributions and releases over the real exchange, on PostgreSQL."""
