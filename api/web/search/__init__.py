"""The page Search: what is asked on which ground, what each country answers, and the request that may follow."""
