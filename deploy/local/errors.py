"""The one error of the local stack."""


class LocalStackError(Exception):
    """The local stack cannot start or go on; the message is the one line that a person reads, with what to do."""
