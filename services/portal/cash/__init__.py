"""Shifts: opened by who takes cash, counted and closed by somebody else. Reconciliation keeps them; here they are shown."""
