"""Be Vietnam Pro 1.002, drawn for Vietnamese (SIL Open Font License, OFL.txt beside it): no machine need have a font.

Slips, confirmations and reports are set in it.

The files are those of github.com/google/fonts at 51c82317, folder ofl/bevietnampro, unchanged.
"""

from __future__ import annotations

from pathlib import Path

REGULAR = Path(__file__).with_name("BeVietnamPro-Regular.ttf")
BOLD = Path(__file__).with_name("BeVietnamPro-Bold.ttf")
