"""Why a decision was taken, as codes: the portal says them in Vietnamese, `sentence` in English. Never a name, never a memo."""

from __future__ import annotations

from typing import Final, NamedTuple


class Fact(NamedTuple):
    """One thing that speaks for a decision, or against it."""

    code: str
    """A key of `SENTENCES`."""
    holds: bool = True
    """True: it speaks for the decision (✓). False: it speaks against one, or is why there is none (✗)."""
    about: str = ""
    """A reference or a count; never personal."""


SENTENCES: Final = {
    "virtual_account": "virtual account of the bill",
    "reference_intact": "reference {} intact",
    "reference_corrected": "reference {} with a slip corrected",
    "reference_unknown_sum": "reference {} with a slip; no bill here has it and this sum",
    "reference_begun": "a reference that begins with {} was cut off",
    "reference_elsewhere": "reference {} is of another site",
    "receipt": "receipt names the notice",
    "code": "payer code intact",
    "code_like": "payer code with letters that look like its digits",
    "code_elsewhere": "payer code of another site",
    "phone": "guardian's telephone number in the memo",
    "name_full": "full name",
    "name_slip": "full name with a slip",
    "name_short": "name with its middle cut short",
    "name_turned": "full name in another order",
    "name_lost": "name without its middle",
    "name_initials": "name as initials and given name",
    "name_middle": "given name with its middle name",
    "name_given": "given name",
    "name_elsewhere": "name and class of another site",
    "name_of_sender": "the name may be the sender's own",
    "name_goes_on": "the name goes on with a word that is not the payer's",
    "marks": "diacritics tell it from the other name",
    "class": "class equal",
    "class_differs": "class differs from the list",
    "account_known": "this account paid for the payer before",
    "account_of_many": "this account pays for many payers",
    "memo_known": "this memo stood for the payer before",
    "guardian": "sender bears the guardian's name",
    "guardian_named": "the memo names the guardian",
    "contradiction": "the memo names another payer",
    "several_children": "the memo speaks of several children",
    "one_of": "{} payers could be meant",
    "too_many": "too many payers could be meant",
    "amount_equal": "amount equal to the open sum",
    "amount_above": "amount above the open sum",
    "amount_part": "amount below the one open notice: paid in part",
    "amount_in_order": "amount below the open sum: settled in the order that the site set",
    "amount_one_line": "amount equal to one notice of the bill alone",
    "amount_obligatory": "amount equal to the obligatory lines and one choice of voluntary",
    "amount_one_notice": "amount equal to one open notice",
    "amount_several_notices": "amount equal to {} open notices together",
    "amount_together": "amount equal to what those named owe together",
    "amount_differs": "amount differs from what is open",
    "amount_fits_several_ways": "amount fits {} choices of notices",
    "amount_fits_lines": "amount equal to some of the lines, and nothing says that these are meant",
    "amount_fits_one": "amount equal to what one of those named owes",
    "amount_fits_only": "only the amount fits",
    "oldest_first": "oldest due first, by the site's rule",
    "month": "month of the memo",
    "month_differs": "the memo names another month",
    "purpose": "fee named in the memo",
    "purpose_differs": "the memo names another fee that is open",
    "paid_already": "already paid in full",
    "all_cancelled": "every notice is cancelled",
    "cash_words": "cash carried to the bank",
    "income_words": "words of interest, treasury or refund",
    "told_twice": "the bank may have told of one movement twice",
    "below_threshold": "less certain than the site asks for",
}


def sentence(fact: Fact) -> str:
    """The fact in English words."""
    return SENTENCES[fact.code].format(fact.about)
