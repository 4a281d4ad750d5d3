"""Requests of those whom the data are about: taken in, answered within two working days, exported, kept."""
