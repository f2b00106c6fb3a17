"""``manage.py new_working_group``: make a working group with all it needs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from core.access import Audience
from groups.founding import found, people_at
from members.models import WorkingGroup


class Command(BaseCommand):
    help = (
        "Make a working group with its home, files, rights and review. Run again with the same short name, "
        "it makes what is missing and changes nothing else. Shows what it would do unless given --write."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As the form in the admin."""
        parser.add_argument("name", help="its name in English")
        parser.add_argument("--kind", choices=WorkingGroup.Kind.values, required=True)
        parser.add_argument("--slug", default="", help="short name in addresses (default: made of the name)")
        parser.add_argument("--description", default="")
        for code in ("de", "fr", "ar"):
            parser.add_argument(f"--name-{code}", default="", help=f"its name in {code}")
        parser.add_argument(
            "--lead", action="append", default=[], metavar="EMAIL", help="a first lead; may be repeated"
        )
        parser.add_argument(
            "--language",
            action="append",
            choices=[code for code, _name in settings.LANGUAGES],
            help="a language of its home; may be repeated (default: English)",
        )
        parser.add_argument(
            "--audience", choices=Audience.values, default=Audience.MEMBERS, help="who may read its home"
        )
        parser.add_argument("--live", action="store_true", help="publish its home at once")
        parser.add_argument("--write", action="store_true", help="do it")

    def handle(self, *, name: str, kind: str, slug: str, write: bool, **options: Any) -> None:
        """Make it; its number and short name on standard output."""
        slug = slug or slugify(name)[:80]
        fields = {"name": name, "kind": kind, "slug": slug, "description": options["description"]}
        fields |= {f"name_{code}": options[f"name_{code}"] for code in ("de", "fr", "ar")}
        there = WorkingGroup.objects.filter(slug=slug).first()
        try:
            leads = people_at(options["lead"])
            if there is None:
                WorkingGroup(**fields).full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if not write:
            self.stdout.write(f"would {'complete' if there else 'make'}\t{slug}\t{len(leads)} leads")
            self.stderr.write("Nothing was written: add --write.")
            return
        group = found(
            fields,
            leads,
            languages=options["language"] or [settings.LANGUAGE_CODE],
            audience=options["audience"],
            live=options["live"],
        )
        self.stdout.write(f"{group.pk}\t{group.slug}")
