"""Cash: what lies in the box, what was brought to the bank, and who counted it."""
