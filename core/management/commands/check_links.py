"""``manage.py check_links``: do the links of our pages still lead somewhere?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from core.broken_links import check


class Command(BaseCommand):
    help = (
        "Try every link that a live page has to a site of the public internet, once each, and note which are broken. "
        "They are shown on the first page of the editor to those who own the page. Meant to run once a week."
    )

    def handle(self, **options: Any) -> None:
        """Says how many addresses are broken, never which pages hold them."""
        bar = tqdm(total=1, unit="link", disable=None, file=self.stderr, leave=False)

        def progress(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        try:
            broken = check(progress=progress)
        finally:
            bar.close()
        self.stdout.write(f"{broken} addresses do not answer.")
