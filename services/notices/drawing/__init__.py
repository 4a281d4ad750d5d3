"""What leaves the site as a picture or on paper: QR codes, slips (thông báo thu) and confirmations of money received.

Pure functions over plain values: no database, no framework, no clock. `values` is what a caller fills in; `qr` draws a code as SVG or
PNG, `slips` slips as PDF, `receipt` the confirmation, on the `paper` that both share; `wording` says what a slip says, `order` puts
a class in order. Personal data comes in as plain text, already cut down to what may be printed: a given name and the last three
characters of a code.
"""
