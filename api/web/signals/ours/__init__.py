"""The own register at the pages: the list, one report with all that became of it, what can be done to it, and hits."""
