"""Demo accounts have a published password: where they are not wanted, nothing starts with them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError

from .demo import DEMO_DOMAIN

REMEDY = "Take them away with: manage.py remove_demo_accounts --write"


def count_demo_accounts() -> int:
    """How many accounts of the demo's domain are in the database, able to sign in or not."""
    from .models import User

    return User.objects.filter(email__endswith=f"@{DEMO_DOMAIN}").count()


def refuse_demo_accounts() -> None:
    """Raise ImproperlyConfigured where demo accounts are present and DEMO_ACCOUNTS is off.

    The web server's door (hub.wsgi) calls this at start, since system checks do not run there.
    """
    if not settings.DEMO_ACCOUNTS and (found := count_demo_accounts()):
        raise ImproperlyConfigured(f"{found} demo accounts are in this database. {REMEDY}")


@checks.register(checks.Tags.security)
def no_demo_accounts(**kwargs: Any) -> list[checks.CheckMessage]:
    """The same for management commands, such as the start of a development server."""
    if settings.DEMO_ACCOUNTS:
        return []
    try:
        found = count_demo_accounts()
    except (OperationalError, ProgrammingError):
        return []  # before the first migration there is no table, and nobody in it
    if not found:
        return []
    return [checks.Error(f"{found} demo accounts are in this database.", hint=REMEDY, id="members.E001")]
