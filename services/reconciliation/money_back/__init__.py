"""Money that goes back: reversals by the bank, refunds that people decided, and telling matching, which releases what it paid."""
