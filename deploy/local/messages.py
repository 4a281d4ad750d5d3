"""What a person reads: results on stdout, everything else on stderr, progress only where a terminal shows it."""

import sys


def show(text: str) -> None:
    """Write a result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Write one line about something that happened."""
    sys.stderr.write(f"khop: {text}\n")
    sys.stderr.flush()


def progress(text: str) -> None:
    """Write what is being done, for somebody who waits at a terminal."""
    if sys.stderr.isatty():
        say(text)
