"""directory: units, sites with their accounts and settings, campaigns.

Consumes nothing. Publishes directory.units.v1, directory.sites.v1, directory.campaigns.v1.
Told by administrators: rows of files (`khop import units|sites|campaigns`), all or nothing unless asked otherwise.
units.py, sites.py and campaigns.py say what rows mean (pure); model.py decides what changed (pure); importing.py is an
import from bytes to report; store.py keeps entities; api.py takes the commands.
"""
