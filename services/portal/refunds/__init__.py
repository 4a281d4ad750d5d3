"""Money that goes back: proposed by the accountant, approved by the head, in a payment list or in cash against signature."""
