"""How Khớp is run: on one machine, in containers, and for show."""
