"""What committees and digital groups see: adoption's figures of their places, what to help first, and a report to sign.

No row of a person reaches these pages: the database shows their readers figures of places only.
"""
