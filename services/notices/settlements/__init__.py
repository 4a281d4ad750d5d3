"""Settlements (quyết toán) of treatment: what is left after insurance and deposit is paid more (nộp thêm) or given back (hoàn ứng).

A deposit (tạm ứng) is a notice of a fee kind of that nature: it is asked and never owed. model.py computes (pure), store.py holds
the SQL, api.py takes the command. Of the treatment Khớp knows sums only.
"""
