"""By when a request is answered and finished. Pure.

Within 2 working days and at the latest in 20 days (Law 91/2025/QH15 and Decree 356/2025). Saturdays and Sundays do not count;
public holidays do: nobody is harmed by an answer that comes too soon.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from shared import clock

ANSWER_WORKING_DAYS: Final = 2
FINISH_DAYS: Final = 20


def answer_by(asked_on: date) -> date:
    """The last day on which an answer is in time."""
    return clock.working_days_from(asked_on, ANSWER_WORKING_DAYS)


def finish_by(asked_on: date) -> date:
    """The last day on which all is done in time."""
    return asked_on + timedelta(days=FINISH_DAYS)
