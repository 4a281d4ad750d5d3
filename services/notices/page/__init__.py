"""The payer's page: a bill under a public address that nobody can guess and the site can revoke.

view.py puts a bill into words (pure), rendering.py writes the page, bank_apps.py knows the links that open bank apps,
limits.py slows down whoever asks too often, api.py has the routes. No sign-in, no cookie, no script that is needed.
"""
