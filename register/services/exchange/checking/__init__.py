"""Looking through what is stored, once a day: rows that were damaged are known before somebody needs them."""
