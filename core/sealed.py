"""Text that stands encrypted in the database, so that who reads the database does not read it.

The key is made of ``SECRET_KEY`` (HKDF with SHA-256, Fernet: AES-128-CBC and HMAC-SHA256). Whoever has both the
database and the secret can read the text; a copy of the database, or a list in an admin, cannot.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

PURPOSE = b"index hub: sealed text"


def seal(text: str) -> str:
    """Encrypt a text; twice the same text gives two different results. Nothing stays nothing."""
    return _lock(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str | None:
    """The text that was sealed; None where neither ``SECRET_KEY`` nor its fallbacks open it."""
    if not sealed:
        return ""
    try:
        return _lock(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


class SealedTextField(models.TextField):
    """A text that is encrypted on its way into the database, and None when it comes back unreadable.

    It cannot be searched, sorted or compared: the same text is never stored the same way twice.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Seal it on its way in."""
        value = super().get_prep_value(value)
        return None if value is None else seal(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        """Open it on its way out."""
        return None if value is None else unseal(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """None but "is null": there is nothing that could be compared."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


@lru_cache(maxsize=4)
def _lock(*secrets: str) -> MultiFernet:
    """The first seals, all of them open."""
    keys = [HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(secret.encode()) for secret in secrets]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
