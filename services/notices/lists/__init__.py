"""A round's bills for the people of a site: who has paid, partly, not; slips to print; reminders to send one by one.

model.py says how far a bill is paid (pure), reminders.py writes the texts (pure), store.py finds a round's bills, api.py shows them.
"""
