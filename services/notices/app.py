"""The composition root of notices."""

from __future__ import annotations

from functools import partial

from services.notices import api
from services.notices.bills import api as bills
from services.notices.bills.signals import Signals
from services.notices.commands import api as commands
from services.notices.drafts import api as drafts
from services.notices.drafts.running import forget_old_drafts
from services.notices.erasing import api as erasing
from services.notices.files import api as files
from services.notices.handlers import Handlers
from services.notices.lists import api as lists
from services.notices.page import api as page
from services.notices.rounds import api as rounds
from services.notices.settlements import api as settlements
from services.notices.store import page_of_notices
from shared.events import Credit, Notice, ReconciliationDay, Site
from shared.runtime.secrets import identity_key
from shared.runtime.service import Parts, Runtime


def build(runtime: Runtime) -> Parts:
    """Wire the routes and what is consumed."""
    database = runtime.database
    handlers = Handlers(database)
    people_key = identity_key(runtime.settings.secret_key.get_secret_value())
    signals = Signals(database)
    public_url = runtime.settings.public_url
    return Parts(
        routers=[
            files.router(database, people_key),
            commands.router(database, people_key, public_url),
            drafts.router(database, people_key),
            rounds.router(database),
            settlements.router(database, people_key),
            erasing.router(database),
            lists.router(database, public_url),
            bills.router(database, public_url),
            page.router(database, signals, public_url),
            api.router(database),
        ],
        loops=[signals.run, partial(forget_old_drafts, database)],
        handlers={Site: handlers.on_sites, Credit: handlers.on_credits, ReconciliationDay: handlers.on_days},
        published={Notice: page_of_notices},
    )
