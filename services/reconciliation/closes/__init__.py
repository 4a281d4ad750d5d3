"""Chốt đợt thu, chốt tháng: a person signs what a round or a month came to, once; nothing open may stand under it."""
