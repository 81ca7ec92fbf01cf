"""Register a report: the eight questions over a few pages, kept page by page, looked over, sent."""
