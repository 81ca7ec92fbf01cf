"""Files made of released figures: each a view of the canonical cells, none with a figure of its own."""
