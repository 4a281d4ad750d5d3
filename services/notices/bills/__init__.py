"""Bills (thông báo thu): a payer's notices under one reference, what is left to be paid of them, and to whom.

model.py says what a bill asks (pure); store.py reads bills with their payments; api.py shows them to people of the site, as
JSON, as a QR and on paper; signals.py takes up what payers tell by opening a link.
"""
