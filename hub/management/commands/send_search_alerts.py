"""``manage.py send_search_alerts``: tell people that there is something new in their saved searches."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hub.alerts import IndexIsBehind, send_alerts
from search.library import IndexUnavailable
from search.store import Locked


def moment(text: str) -> datetime:
    """A date and time in ISO form; UTC where it names no zone."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=timezone.get_default_timezone())


class Command(BaseCommand):
    help = "Mail those whose saved searches hold something new. Run it every night; twice sends nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Up to when things are new."""
        parser.add_argument(
            "--now", type=moment, help="up to when things are new, such as 2027-03-01T04:00 (default: now)"
        )

    def handle(self, *, now: datetime | None, **options: Any) -> None:
        """Send them; the number of mails on standard output."""
        try:
            sent = send_alerts(now or timezone.now())
        except (IndexIsBehind, IndexUnavailable, Locked) as error:
            raise CommandError(f"Alerts wait: {error}") from error
        self.stdout.write(str(sent))
