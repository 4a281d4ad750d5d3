"""What the topics write into the read model. Every upsert keeps the newest version (DESIGN §3 rule 2).

places.py    sites and units
notices.py   notices, and the payers that they name
money.py     transactions, credits and their allocations
figures.py   how much of a day, of a site, of the installation: counted again from the credits, never added to
entities.py  days, discrepancies, statements, campaigns as they came; figures of adoption
"""

from __future__ import annotations

DERIVED_TABLES = (
    "metrics", "entities", "installation", "site_figures", "day_figures", "allocations", "credits", "transactions", "payers",
    "notices", "units", "sites",
)  # fmt: skip
"""All that a replay empties: never people, nor what they did."""
