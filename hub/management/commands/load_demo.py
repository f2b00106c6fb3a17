"""``manage.py load_demo``: the demo's content and people."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from core.imported import ImportProblem
from hub import demo


class Command(BaseCommand):
    help = "Load the demo's content and people. What is there already stays; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """From which day the events are counted."""
        parser.add_argument("--today", type=date.fromisoformat, help="the day events are counted from (default: today)")

    def handle(self, *, today: date | None, **options: Any) -> None:
        """Load it with a progress bar; remarks go to standard error."""
        files = list(demo.count_files())
        with tqdm(total=len(files) + 3, desc="Loading the demo", unit="file", disable=options["verbosity"] == 0) as bar:

            def told(what: str) -> None:
                bar.set_postfix_str(what)
                bar.update()

            try:
                remarks = demo.load(today or timezone.now().date(), told)
            except ImportProblem as error:
                raise CommandError(f"{error}: {'; '.join(error.problems)}") from error
        for remark in remarks:
            self.stderr.write(remark)
