"""``manage.py check_integrity``: is every access key what the tree says it should be?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.audience import check_integrity


class Command(BaseCommand):
    help = "Recompute all access keys beside what is stored and tell every difference, by page id. Reads only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to write the right keys as well."""
        parser.add_argument("--mend", action="store_true", help="also write the right keys")

    def handle(self, *, mend: bool, **options: Any) -> None:
        """One line per problem on standard output; fails when there is one that stays."""
        problems = check_integrity(mend=mend)
        for problem in problems:
            self.stdout.write(f"page {problem.page}: {problem.what}")
        left = check_integrity() if mend else problems
        if left:
            raise CommandError(f"{len(left)} problems")
        self.stderr.write("All access keys are true." if not problems else f"{len(problems)} problems mended.")
