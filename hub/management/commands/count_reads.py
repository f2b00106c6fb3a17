"""``manage.py count_reads``: bring the reads of pages into the table."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from hub.reads import count


class Command(BaseCommand):
    help = "Count the reads of pages on this machine. Run it every night on every node."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The day they are counted on."""
        parser.add_argument("--today", type=date.fromisoformat, help="the day it is (default: today in UTC)")

    def handle(self, *, today: date | None, **options: Any) -> None:
        """Count them; the number of reads on standard output, never which."""
        self.stdout.write(str(count(today or timezone.now().date())))
