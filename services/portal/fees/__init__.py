"""Khoản thu: rounds and class lists from the read model; issuing, slips and reminders by commands to notices."""
