"""Takes the demo's accounts away, so that the hub may start in earnest."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from members.demo import DEMO_DOMAIN
from members.models import User


class Command(BaseCommand):
    help = "Delete the accounts of the demo's domain. Shows them unless given --write."
    # The check that finds demo accounts must not stop the command that removes them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="delete them")

    def handle(self, *, write: bool, **options: object) -> None:
        accounts = User.objects.filter(email__endswith=f"@{DEMO_DOMAIN}")
        for email in accounts.order_by("email").values_list("email", flat=True):
            self.stdout.write(email)
        if write:
            accounts.delete()
        else:
            self.stderr.write("Nothing was changed. Give --write to delete these accounts.")
