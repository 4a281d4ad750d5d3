"""People, their roles, sign-in and sessions, and what is kept of what they did.

roles.py      roles, what each may open, and how far a person sees (pure)
passwords.py  argon2id; attempts.py  how often somebody may try
store.py      the tables of people; sessions.py  who is signed in, and the cookie that says so
bounded.py    PostgreSQL in a person's name: row-level security
access.py     what a route asks of its caller; audit.py  what is kept
sign_in.py, welcome.py, own.py, admin.py, requests.py  the pages
"""
