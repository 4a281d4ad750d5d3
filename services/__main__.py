"""Khớp: which fee does a transfer pay, and how far has paying without cash come."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import Annotated

import typer
from pydantic import ValidationError
from typer._click.exceptions import NoArgsIsHelpError, UsageError  # Typer has no public name for them

from services.commands import local, operations
from services.commands.connections import connection
from services.commands.days import day
from services.commands.dead_letters import dlq
from services.commands.errors import BAD_INPUT, CommandError
from services.commands.evaluate import evaluate
from services.commands.imports import import_file
from services.commands.references import reference
from services.commands.statements import statement
from services.commands.vietqr import vietqr
from services.prepare import prepare as prepare_stores
from services.serving import serve as serve_here
from services.topology import SERVICE_NAMES
from shared.runtime.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

app.command()(local.up)
app.command()(local.ps)
app.command()(local.demo)
app.command("import")(import_file)
app.add_typer(connection, name="connection")
app.add_typer(statement, name="statement")
app.add_typer(reference, name="reference")
app.add_typer(vietqr, name="vietqr")
app.add_typer(dlq, name="dlq")
app.add_typer(day, name="day")
app.command()(evaluate)
app.command()(operations.republish)
app.command()(operations.replay)


@app.command()
def serve(name: Annotated[str, typer.Argument(help="One of: " + ", ".join(SERVICE_NAMES))]) -> None:
    """Run one service in this process, with its settings from the environment (docs/settings.md)."""
    if name not in SERVICE_NAMES:
        raise CommandError(f"no service is called {name!r}; there are {', '.join(SERVICE_NAMES)}", BAD_INPUT)
    raise typer.Exit(serve_here(name))


@app.command()
def prepare() -> None:
    """Bring roles, schemas, migrations and topics up to date; KHOP_DATABASE_URL is the administrator's here."""
    settings = Settings()
    asyncio.run(
        prepare_stores(
            settings.database_url.get_secret_value(),
            settings.kafka_bootstrap,
            settings.secret_key.get_secret_value(),
            partitions=settings.topic_partitions,
            replicas=settings.topic_replicas,
            history_password=settings.history_password.get_secret_value() if settings.history_password else None,
        )
    )


def main() -> None:
    """The entry point of the `khop` command: an error is one line on stderr, never a traceback."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what went wrong is said by the command itself
    try:
        status = app(standalone_mode=False)  # which would print usage errors in boxes of several lines
        sys.exit(status if isinstance(status, int) else 0)
    except NoArgsIsHelpError:  # the help was printed
        sys.exit(BAD_INPUT)
    except UsageError as error:
        fault = " ".join(error.format_message().split()).rstrip(".")
        sys.stderr.write(f"khop: {fault}; see {error.ctx.command_path if error.ctx else 'khop'} --help\n")
        sys.exit(BAD_INPUT)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(128 + signal.SIGINT)
    except CommandError as error:
        sys.stderr.write(f"khop: {error}\n")
        sys.exit(error.exit_code)
    except ValidationError as error:
        faults = ", ".join(
            f"KHOP_{str(fault['loc'][0]).upper()} ({fault['msg']})" for fault in error.errors(include_input=False)
        )
        sys.stderr.write(f"khop: the settings are not complete: {faults}; see docs/settings.md\n")
        sys.exit(BAD_INPUT)


if __name__ == "__main__":
    main()
