"""Protections at the pages: why somebody is protected, for the register unit; and the question to the victim's side."""
