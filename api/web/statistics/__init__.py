"""The page on figures: a country's own tables, a year beside the year before, and the same as a workbook."""
