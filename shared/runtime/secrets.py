"""Secrets derived from the installation's one key, so that only one thing has to be kept safe."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class SealBrokenError(Exception):
    """A sealed secret cannot be opened: it was sealed under another KHOP_SECRET_KEY."""


def _derive(secret_key: str, purpose: str) -> bytes:
    return hmac.digest(secret_key.encode(), purpose.encode(), hashlib.sha256)


def derived_password(secret_key: str, role: str) -> str:
    """The PostgreSQL password of a service's role."""
    return _derive(secret_key, f"postgres-role/{role}").hex()


def token_key(secret_key: str) -> bytes:
    """The key that signs the tokens between services."""
    return _derive(secret_key, "service-token")


def identity_key(secret_key: str) -> bytes:
    """The key under which citizens' identity numbers become codes that tell nothing about them."""
    return _derive(secret_key, "citizen-identity")


def sender_key(secret_key: str) -> bytes:
    """The key under which sending accounts and memos become codes that tell nothing about them."""
    return _derive(secret_key, "payment-sender")


class Seal:
    """Encrypts secrets at rest (providers' webhook keys), which have to be read again to check signatures."""

    def __init__(self, secret_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret_key, "seal")))

    def close(self, secret: bytes) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt; raises SealBrokenError."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise SealBrokenError("a stored secret was sealed under another KHOP_SECRET_KEY") from error
