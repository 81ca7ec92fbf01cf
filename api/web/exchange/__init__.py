"""The page on the exchange: how it stands with each partner, in words that need no help."""
