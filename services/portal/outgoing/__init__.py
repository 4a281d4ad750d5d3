"""Money out: what it gave back, and what is collected for others and handed on. Reconciliation keeps both."""
