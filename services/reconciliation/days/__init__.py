"""The day book: what each site's day on each account comes to, when it closes, and what was found after that."""
