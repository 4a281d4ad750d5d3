"""A model of the district that can be argued with, and its life over a school year, in batch or at any pace.

`parameters.toml` holds every belief with its source; `households` draws who can and will pay how, `school_year` when fees are
issued, `plan` what each bill's payers do, `banks_books` keeps balances and writes statements, `living` carries a plan out against
an installation, `clerks` do what accountants do with what the automaton left, and `told` says what it all comes to: the truth
that every published figure is held against (deploy/demo/figures.py). A client: it speaks HTTP only.
"""
