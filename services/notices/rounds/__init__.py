"""Rounds (đợt thu): one fee for a class, a grade or the whole school; the next round from the last; a new school year.

rule.py makes rows of a rule (pure), next_round.py rows of the round before (pure), school_year.py moves classes up (pure);
store.py reads payers and rounds, running.py runs a command, api.py has the routes.
"""
