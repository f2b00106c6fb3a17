"""``manage.py import_resources``: rows of a file as pages of the library."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.models import HubPage
from members.models import User
from resources.importing import NoLibrary, Report, import_rows
from resources.models import Import, ResourcePage
from resources.rows import LARGEST_BODY, LARGEST_FILE, MB, UnreadableFile, read
from resources.undoing import undo
from resources.words import RESOURCE_KINDS

EVERY = 100  # rows between two signs of life


class Command(BaseCommand):
    help = (
        "Import resources from a JSON Lines, CSV, RIS or BibTeX file (UTF-8), or take an import back. "
        "Rows with errors are left out and told one by one; the same file twice makes nothing new. "
        f"A file has at most {LARGEST_FILE // MB} MB, a text {LARGEST_BODY // MB} MB. "
        "Ends with 1 when a row had an error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to import, and how."""
        parser.add_argument("file", nargs="?", type=Path, help=".jsonl, .ndjson, .csv, .tsv, .ris or .bib")
        parser.add_argument("--parent", type=int, metavar="ID", help="section for rows without a group's page")
        parser.add_argument("--kind", choices=RESOURCE_KINDS, default="practice", help="kind of rows that say none")
        parser.add_argument("--user", metavar="EMAIL", help="who imports, for the pages' history")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")
        parser.add_argument("--undo", type=int, metavar="IMPORT", help="take back the import of this number")

    def handle(
        self,
        *,
        file: Path | None,
        parent: int | None,
        kind: str,
        user: str | None,
        dry_run: bool,
        undo: int | None,
        **options: Any,
    ) -> None:
        """Import or undo."""
        person = self.person(user)
        if undo is not None:
            if file is not None or dry_run:
                raise CommandError("--undo takes a number and nothing else.")
            self.undo(undo, person)
            return
        if file is None:
            raise CommandError("Name a file to import, or --undo and the number of an import.")
        try:
            rows = read(file)
            self.tell(f"{file.name}: {rows.count} rows")
            for remark in rows.remarks:
                self.tell(remark)
            report = import_rows(
                rows.rows(),
                user=person,
                name=file.name,
                parent=self.section(parent),
                default_kind=kind,
                dry_run=dry_run,
                progress=lambda done: self.tell(f"{done} of {rows.count}") if done % EVERY == 0 else None,
            )
        except (UnreadableFile, NoLibrary) as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        self.say(report, dry_run=dry_run)

    def say(self, report: Report, *, dry_run: bool) -> None:
        """Errors and remarks to stderr, what became of the rows to stdout."""
        for remark in report.remarks:
            self.tell(f"remark: {remark}")
        for error in report.errors:
            self.tell(str(error))
        new = "would be new" if dry_run else "new"
        self.stdout.write(f"{report.made} {new}, {report.already} here already, {len(report.errors)} with errors")
        if report.import_id is not None:
            self.stdout.write(f"import {report.import_id}: take it back with --undo {report.import_id}")
        if report.errors:
            raise CommandError(f"{len(report.errors)} rows were not imported: see above.")

    def undo(self, number: int, person: User | None) -> None:
        """Take an import back."""
        of_import = Import.objects.filter(pk=number).first()
        if of_import is None:
            raise CommandError(f"--undo {number}: there is no such import.")
        if of_import.undone_at is not None and not of_import.rows.exists():
            raise CommandError(f"--undo {number}: was taken back on {of_import.undone_at:%Y-%m-%d}.")
        done = undo(of_import, user=person)
        for reason in done.kept:
            self.tell(reason)
        self.stdout.write(f"{done.removed} pages removed, {len(done.kept)} kept")

    def person(self, email: str | None) -> User | None:
        """The person with an address; None when none is given."""
        if email is None:
            return None
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"--user {email}: there is no such person.")
        return person

    def section(self, pk: int | None) -> HubPage | None:
        """The page that may hold resources."""
        if pk is None:
            return None
        page = HubPage.objects.filter(pk=pk, alias_of=None).first()
        if page is None:
            raise CommandError(f"--parent {pk}: there is no such page.")
        section: HubPage = page.specific
        if type(section) not in ResourcePage.allowed_parent_page_models():
            raise CommandError(f"--parent {pk}: resources stand below the library or the page of a working group.")
        return section

    def tell(self, words: str) -> None:
        """A remark, one line to stderr."""
        self.stderr.write(words, self.style.NOTICE if self.stderr.isatty() else None)
