"""Delete uploaded files that nobody has made a guidebook of."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from guidebooks.uploading import delete_old
from guidebooks.uploads import KEPT


class Command(BaseCommand):
    help = (
        f"Delete files sent for import that nobody has touched for {KEPT.days} days, finished or not. Guidebooks made "
        "of them stay. Run it every night; safe to run at any time."
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{delete_old()} uploads deleted")
