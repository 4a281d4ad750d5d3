"""The matching core: pure and deterministic; the very code that the service and `khop evaluate` run.

`decide(credit, book)` asks the stages one after the other, from certain to weak (stages.py); the first that knows decides.
`Book` holds the notices with what is still open, and what was settled since it was made, so that a notice settled by one credit
is settled for the next.
"""

from services.matching.matcher.book import Book
from services.matching.matcher.stages import STAGES, decide
from services.matching.matcher.values import CreditToDecide, Decision, KnownNotice, Share, SiteRules, exact_references

__all__ = [
    "STAGES",
    "Book",
    "CreditToDecide",
    "Decision",
    "KnownNotice",
    "Share",
    "SiteRules",
    "decide",
    "exact_references",
]
