"""Which fee does a credit pay, and why: pure and deterministic.

`decide` walks `STAGES` from the most certain evidence to the weakest; the list is the algorithm.
"""

from services.matching.matcher.bills import pay_notice
from services.matching.matcher.book import Book
from services.matching.matcher.evidence import Fact, sentence
from services.matching.matcher.habits import Habits, Payment
from services.matching.matcher.reading import Reading
from services.matching.matcher.stages import STAGES, decide, decide_read
from services.matching.matcher.values import Decision, Incoming, OpenNotice, Payer, Share, SiteRules, Suggestion

__all__ = [
    "STAGES", "Book", "Decision", "Fact", "Habits", "Incoming", "OpenNotice", "Payer", "Payment", "Reading", "Share", "SiteRules",
    "Suggestion", "decide", "decide_read", "pay_notice", "sentence",
]  # fmt: skip
