"""Payers (người nộp): pupils, patients, applicants, known by the site's own code.

model.py says who they are and how a year moves them up (pure), store.py holds their SQL.
"""
