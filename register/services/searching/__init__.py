"""The steps of a search that stand by themselves; `search_records` puts them in their order."""
