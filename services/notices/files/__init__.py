"""Files of notices: importing.py reads one chunk by chunk into one transaction; api.py takes it over HTTP."""
