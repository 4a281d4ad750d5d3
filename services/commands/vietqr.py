"""khop vietqr: read and write the payload of a bank-transfer QR code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from services.commands.errors import BAD_INPUT, CommandError
from services.notices.drawing.qr import qr_png, qr_svg
from shared import vietqr as codes
from shared.money import AmountError, parse_dong

vietqr = typer.Typer(no_args_is_help=True, help=__doc__)


@vietqr.command("decode")
def decode(payload: Annotated[str, typer.Argument(help="The text that a scanner reads out of the picture.")]) -> None:
    """Print what a payload says as JSON; null is what it does not say, "warnings" what is amiss in it."""
    try:
        read = codes.decode(payload)
    except codes.VietQRError as error:
        raise CommandError(str(error), BAD_INPUT) from error
    typer.echo(json.dumps(asdict(read) | {"crc_ok": True}, ensure_ascii=False))  # a wrong check was refused above


@vietqr.command("encode")
def encode(
    bank_bin: Annotated[str, typer.Option("--bin", help="The bank's six digits.")],
    account: Annotated[str, typer.Option(help="The account's number, or the card's with --card.")],
    amount: Annotated[str | None, typer.Option(help="Whole đồng: 150000 or 150.000.")] = None,
    memo: Annotated[str | None, typer.Option(help="At most 25 characters; diacritics are taken off.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the picture there too.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write the picture there too.")] = None,
    *,
    card: Annotated[bool, typer.Option("--card", help="The number is a card's.")] = False,
) -> None:
    """Print the payload of a transfer: static without amount and memo, dynamic with one of them.

    Pictures of accounts at the sample bank (999999) say across that they are samples.
    """
    try:
        dong = None if amount is None else parse_dong(amount)
        payload = codes.encode_transfer(bank_bin, account, amount=dong, memo=memo, card=card)
    except AmountError as error:
        raise CommandError(f"amount: {error}", BAD_INPUT) from error
    except codes.VietQRError as error:
        raise CommandError(str(error), BAD_INPUT) from error
    sample = bank_bin == codes.SAMPLE_BIN
    if svg is not None:
        _write(svg, qr_svg(payload, sample=sample).encode())
    if png is not None:
        _write(png, qr_png(payload, sample=sample))
    typer.echo(payload)


def _write(file: Path, picture: bytes) -> None:
    try:
        file.write_bytes(picture)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from error
