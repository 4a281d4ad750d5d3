"""XLSX as an accountant signs it: rows, totals in figures and in words, a place for each signature."""
