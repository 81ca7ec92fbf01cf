"""Findings at the pages, for the register unit."""
