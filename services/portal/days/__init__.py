"""Đối soát ngày: what the bank says, what was heard, what is matched; differences; closing a day, a round, a month."""
