"""Reports to print, to sign and to take along: from the read model, and those that reconciliation writes."""
