"""Approvals of a class of records, at the pages."""
