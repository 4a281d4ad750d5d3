"""The facts: every entity of the topics at its newest version, and the days that a change of it touches."""
