"""directory: units, sites with their accounts and settings, campaigns.

Consumes nothing. Publishes directory.units.v1, directory.sites.v1, directory.campaigns.v1.
Told by administrators: rows of files (`khop import units|sites|campaigns`).
model.py decides what rows mean and what changed; store.py keeps entities; api.py takes the commands.
"""
