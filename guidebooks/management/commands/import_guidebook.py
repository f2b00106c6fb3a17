"""Import a Word file, a PDF, or Markdown files as a guidebook."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.access import Audience
from core.imported import ImportProblem
from core.models import HubPage
from guidebooks.folder import LARGEST_FILE
from guidebooks.importing import Report, import_folder, import_manuscript
from guidebooks.models import GuidebookIndexPage, GuidebookPage
from guidebooks.opening import LARGEST_UPLOAD, open_manuscript


class Command(BaseCommand):
    help = (
        "Make a guidebook of a Word file (.docx), a folder of Markdown files or a .zip of one, or a PDF "
        "with text; or bring the one made of it before up to date. A Word file becomes chapters at its "
        "Heading 1. A folder's index.md is the cover, each other file a chapter, files in folders are "
        "parts of chapters. Everything is written or nothing. The same file twice makes nothing new. "
        f"A file may have {LARGEST_UPLOAD // 1024 // 1024} MB, a Markdown file {LARGEST_FILE // 1024 // 1024} MB."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="a file (.docx, .zip, .pdf) or a folder")
        parser.add_argument("--parent", help="path of the section, such as /de/guidebooks/")
        parser.add_argument("--working-group", help="short name of the group that owns it")
        parser.add_argument("--audience", choices=Audience.values, help="who may read; default: members")
        parser.add_argument("--language", default="en", help="default: en")
        parser.add_argument("--title", default="", help="in place of the one in the files")
        parser.add_argument("--translation-of", help="path of the guidebook of which this is another version")
        parser.add_argument("--assets", type=Path, help="folder of pictures outside the folder; of folders")
        parser.add_argument("--site", default="", help="address that links out of the folder lead to")
        parser.add_argument("--flat", action="store_true", help="leave out the folders below; of folders")
        parser.add_argument("--publish", action="store_true", help="show it at once; else a draft")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--quiet-remarks", action="store_true", help="leave the remarks out")

    def handle(self, *, source: Path, language: str, **options: Any) -> None:
        if not source.exists():
            raise CommandError(f"{source}: there is no such folder or file")
        if source.is_file() and (options["assets"] or options["flat"]):
            raise CommandError("--assets and --flat are for folders")
        parent = self._parent(language, options["parent"], options["working_group"])
        bar = tqdm(total=1, unit="step", disable=None, file=self.stderr, leave=False)

        def progress(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        how: dict[str, Any] = {
            "audience": options["audience"],
            "translation_of": self._original(options["translation_of"]),
            "site": options["site"],
            "publish": options["publish"],
            "dry_run": options["dry_run"],
            "progress": progress,
        }
        try:
            report = self._report(source, parent, language, options, how)
        except ImportProblem as problem:
            raise CommandError(f"Nothing was imported.\n{problem}") from problem
        finally:
            bar.close()
        for line in report.lines(remarks=not options["quiet_remarks"]):
            self.stdout.write(line)
        if not report.agrees:
            self.stderr.write("The counts before and after differ: see the remarks.")
        if options["dry_run"]:
            self.stdout.write("Nothing was written: this was a dry run.")
        elif report.guidebook is not None:
            self.stdout.write(f"{report.guidebook.title}: {report.guidebook.url}")

    @staticmethod
    def _report(source: Path, parent: HubPage, language: str, options: dict[str, Any], how: dict[str, Any]) -> Report:
        if source.is_dir():
            folder = {name: options[name] for name in ("title", "assets", "flat")}
            return import_folder(source, parent, language=language, **folder, **how)
        if language != parent.language:
            problem = f"language: is {language}, the section is {parent.language}"
            raise ImportProblem(source.name, [problem])
        with open_manuscript(source, language, options["title"]) as manuscript:
            return import_manuscript(manuscript, parent, root=manuscript.name, **how)

    @staticmethod
    def _parent(language: str, path: str | None, group: str | None) -> HubPage:
        if path:
            page = HubPage.at(path if path.startswith("/") else f"/{path}")
            if page is None:
                raise CommandError(f"--parent {path}: there is no such page")
        elif group:
            page = HubPage.objects.filter(
                kind="group", working_group__slug=group, locale__language_code=language
            ).first()
            if page is None:
                raise CommandError(f"--working-group {group}: has no page in {language}")
        else:
            page = GuidebookIndexPage.objects.filter(locale__language_code=language).first()
            if page is None:
                raise CommandError(f"--language {language}: there is no guidebooks section in it")
        allowed = tuple(GuidebookPage.allowed_parent_page_models())
        if not isinstance(page.specific, allowed):
            raise CommandError(f"{page.title}: a guidebook cannot stand there")
        found: HubPage = page.specific
        return found

    @staticmethod
    def _original(path: str | None) -> GuidebookPage | None:
        if not path:
            return None
        page = HubPage.at(path if path.startswith("/") else f"/{path}")
        if page is None or not isinstance(page.specific, GuidebookPage):
            raise CommandError(f"--translation-of {path}: there is no such guidebook")
        found: GuidebookPage = page.specific
        return found
