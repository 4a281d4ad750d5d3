"""Bank statements: files in the banks' layouts, read, checked, laid against what is known, and kept.

reading.py tells the formats apart; tables.py with layouts.py and cells.py reads CSV and XLSX, mt940.py and camt053.py the
two standards; model.py holds what a statement is and checks it; pairing.py and gaps.py decide; taking.py stores it.
"""
