"""The counter: find or issue, show the QR to the payer, wait for the bank, take cash, confirm.

A wait is tied to one bill. Whether its money came is read from what matching allocated to that very bill: a stranger's
payment of the same sum never shows as this one's, and nobody's screenshot does.

waiting.py  what a wait has come to (pure)    store.py  waits and what they are shown with
exemptions.py  who need not pay
finding.py  what its search shows            report_api.py the public-service portal's report
api.py      the counter; cash_api.py taking cash; display_api.py the payer's display
receipts.py confirmations and their public check
"""
