"""Referrals to the own organisation: the inbox, what was asked and reported, and the answer."""
