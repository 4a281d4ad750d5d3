"""Fees that were issued and are taken back: cancelled, or asked for less by a decision. Proposed by one, approved by another."""
