"""``manage.py count_zero_results``: bring the words of searches that found nothing into the table."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from hub.unanswered import count


class Command(BaseCommand):
    help = "Count the words of searches that found nothing on this machine. Run it every night on every node."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The day they are counted for."""
        parser.add_argument("--today", type=date.fromisoformat, help="the day it is (default: today in UTC)")

    def handle(self, *, today: date | None, **options: Any) -> None:
        """Count them; the number of words on standard output, never the words."""
        self.stdout.write(str(count(today or timezone.now().date())))
