"""``manage.py extract_texts``: read the texts of documents that wait, or of all of them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from core import filetexts
from core.models import FileText, HubDocument, Reading
from search import outbox


class Command(BaseCommand):
    help = "Read the texts of documents that wait to be read, for the search. Safe to run again, and beside the worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether what was read before is read too."""
        parser.add_argument("--again", action="store_true", help="read all documents, also those that have been read")

    def handle(self, *, again: bool, **options: Any) -> None:
        """Read with a progress bar; at the end, how many there are of each state."""
        with outbox.suspended():
            if again:
                for document in HubDocument.objects.order_by("pk").iterator():
                    filetexts.wait(document, queued=False)
            number = filetexts.waiting().count()
            with tqdm(total=number, desc="Reading files", unit="file", disable=options["verbosity"] == 0) as bar:
                filetexts.read_waiting(progress=bar.update)
        states = Counter(FileText.objects.values_list("state", flat=True))
        for state, words in Reading.choices:
            if states[state]:
                self.stdout.write(f"{states[state]:>6}  {words}")
