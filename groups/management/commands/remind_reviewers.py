"""``manage.py remind_reviewers``: tell those who have not answered, and open locks that nobody holds any more."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from groups.leaving import open_all_stale_locks
from groups.mails import remind_reviewers


def moment(text: str) -> datetime:
    """A date and time in ISO form; UTC where it names no zone."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=timezone.get_default_timezone())


class Command(BaseCommand):
    help = (
        "Remind those whose answer a review has waited for 5 days, tell the secretariat after 14, and open "
        "the locks of people who have left their office. Run it every night; twice sends nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Up to when time is counted."""
        parser.add_argument("--now", type=moment, help="the moment, such as 2027-03-01T04:00 (default: now)")

    def handle(self, *, now: datetime | None, **options: Any) -> None:
        """Send them; the number of mails on standard output."""
        now = now or timezone.now()
        opened = open_all_stale_locks(now.date())
        if opened:
            self.stderr.write(f"{opened} locks opened")
        self.stdout.write(str(remind_reviewers(now)))
