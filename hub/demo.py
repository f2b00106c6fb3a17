"""Fills a hub with the demo's content, through the same import code that everybody uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from core import filetexts
from core.imported import Front, Imported, ImportProblem, body_blocks, page_fields, put
from core.models import HubImage, HubPage
from core.topics import load_topics
from events.importing import import_event
from events.models import EventIndexPage
from groups.importing import import_group
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from groups.provisioning import provision_all
from guidebooks.importing import import_folder
from guidebooks.models import ChapterPage, GuidebookIndexPage
from hub.models import HomePage, PlainPage
from members.demo import make_demo_people
from members.models import WorkingGroup
from resources.importing import import_rows
from resources.models import ResourcePage
from resources.rows import rows_from_markdown
from search import outbox
from standards.importing import import_standard
from standards.models import StandardIndexPage

FOLDER = settings.BASE_DIR / "demo"
LANGUAGE = re.compile(r"^(?P<slug>.+)\.(?P<language>de|fr|ar)$")
# Plain pages in the order of the footer.
PAGES = ("about", "aims", "join", "safety", "find-help", "money", "privacy", "contact", "looking-after-yourself")
Told = Callable[[str], None]


class Loader:
    """One run: what was made, by kind and short name, so that links between files find their pages."""

    def __init__(self, today: date, told: Told) -> None:
        self.today = today
        self.told = told
        self.made: dict[tuple[str, str, str], HubPage] = {}
        self.remarks: list[str] = []

    def load(self) -> None:
        """Load everything. What is there already stays as it is; run again, it makes nothing new."""
        load_topics(FOLDER / "topics.yaml")
        self.told("topics")
        make_demo_people()
        self.told("people")
        self.each("groups", WorkingGroupIndexPage, import_group)
        provision_all()
        self.resources()
        self.each("standards", StandardIndexPage, import_standard, find=self.resource)
        self.guidebooks()
        self.each("events", EventIndexPage, import_event, today=self.today)
        self.each("pages", HomePage, import_page, names=PAGES)
        self.fill_pages()

    def resources(self) -> None:
        """Practices, research notes, tools and lessons."""
        report = import_rows(
            rows_from_markdown(FOLDER / "resources"), user=None, name="demo", progress=lambda _n: self.told("resources")
        )
        if report.errors:
            raise ImportProblem("resources", [str(error) for error in report.errors])
        self.remarks += report.remarks
        for page in ResourcePage.objects.select_related("locale"):
            self.made["resources", page.slug, page.language] = page

    def guidebooks(self) -> None:
        """Guidebooks, each from its folder, originals before their translations."""
        folders = sorted((FOLDER / "guidebooks").iterdir(), key=lambda path: ("." in path.name, path.name))
        for folder in folders:
            slug, language = named(folder.name)
            front, _text = Front.of_file(folder / "index.md")
            original: Any = self.made.get(("guidebooks", slug, settings.LANGUAGE_CODE))
            report = import_folder(
                folder,
                self.section(GuidebookIndexPage, language, front.text("working_group")),
                translation_of=original if language != settings.LANGUAGE_CODE else None,
                assets=FOLDER / "pictures",
                link=self.link(folder, language),
            )
            self.remarks += [f"{folder.name}: {remark}" for chapter in report.chapters for remark in chapter.remarks]
            assert report.guidebook is not None
            self.made["guidebooks", slug, language] = report.guidebook
            self.told("guidebooks")

    def each(self, kind: str, section: type[HubPage], importer: Callable[..., Imported], **more: Any) -> None:
        """The Markdown files of one folder, originals before their translations."""
        names = more.pop("names", None)
        paths = sorted((FOLDER / kind).glob("*.md"), key=lambda path: ("." in path.stem, place(path, names), path.name))
        for path in paths:
            slug, language = named(path.stem)
            group = Front.of_file(path)[0].text("working_group") if kind == "events" else ""
            with transaction.atomic():
                imported = importer(
                    path,
                    self.section(section, language, group),
                    slug=slug,
                    link=self.link(path.parent, language),
                    image=picture,
                    translation_of=self.made.get((kind, slug, settings.LANGUAGE_CODE))
                    if language != settings.LANGUAGE_CODE
                    else None,
                    **more,
                )
            self.made[kind, slug, language] = imported.page
            self.remarks += [f"{path.name}: {remark}" for remark in imported.remarks]
            self.told(kind)

    def fill_pages(self) -> None:
        """Give the plain pages their text, now that all are there that they may link to."""
        for path in sorted((FOLDER / "pages").glob("*.md")):
            slug, language = named(path.stem)
            page = self.made["pages", slug, language]
            front, text = Front.of_file(path)
            blocks, remarks = body_blocks(front, text, link=self.link(path.parent, language), image=picture)
            front.check()
            self.remarks += [f"{path.name}: {remark}" for remark in remarks]
            if not page.body:
                page.body = blocks
                page.save()
            self.told("pages")

    def section(self, model: type[HubPage], language: str, group: str) -> HubPage:
        """Where something goes: below its working group's page, else in the section of its kind."""
        if group:
            page = WorkingGroupPage.objects.filter(
                working_group=WorkingGroup.objects.get(slug=group), locale__language_code=language
            ).first()
            if page is not None:
                return page
        return model.objects.get(locale__language_code=language, depth__lte=3)

    def resource(self, slug: str) -> HubPage | None:
        """The resource of this short name, in the hub's first language."""
        return self.made.get(("resources", slug, settings.LANGUAGE_CODE))

    def link(self, folder: Path, language: str) -> Callable[[str], str | None]:
        """Resolve links from files of a folder to pages that are there."""

        def resolve(address: str) -> str | None:
            if not address.split("#")[0].endswith(".md"):
                return address if ":" in address else None
            path = (folder / address.split("#")[0]).resolve()
            if path.parent.parent.name == "guidebooks":
                return self.chapter(path)
            slug, there = named(path.stem)
            page = self.made.get((path.parent.name, slug, there if "." in path.stem else language))
            page = page or self.made.get((path.parent.name, slug, settings.LANGUAGE_CODE))
            return f"page:{page.pk}" if page is not None else None

        return resolve

    def chapter(self, path: Path) -> str | None:
        """A chapter of a guidebook by its file."""
        slug, language = named(path.parent.name)
        book = self.made.get(("guidebooks", slug, language))
        if book is None:
            return None
        chapter = ChapterPage.objects.filter(path__startswith=book.path, imported_from__endswith=path.name).first()
        return f"page:{chapter.pk}" if chapter is not None else None


def named(stem: str) -> tuple[str, str]:
    """The short name and the language of a file or folder: ``about.de`` is ("about", "de")."""
    found = LANGUAGE.match(stem)
    return (found["slug"], found["language"]) if found else (stem, settings.LANGUAGE_CODE)


def place(path: Path, names: tuple[str, ...] | None) -> int:
    """Where a file stands in a given order; those it does not name come last."""
    slug = named(path.stem)[0]
    return names.index(slug) if names and slug in names else 999


def picture(source: str, alt: str) -> HubImage | None:
    """The picture a file names, open to everyone: the demo's pictures show nothing closed."""
    path = FOLDER / "pictures" / Path(source).name
    if not path.is_file():
        return None
    there: HubImage | None = HubImage.objects.filter(title=path.stem).first()
    if there is not None:
        return there
    with path.open("rb") as stream:
        made: HubImage = HubImage.objects.create(
            title=path.stem, description=alt[:255], file=File(stream, name=path.name), audience="public"
        )
    return made


def import_page(
    path: Path, parent: HubPage, *, slug: str, translation_of: HubPage | None = None, **how: Any
) -> Imported:
    """Make a plain page of a Markdown file, without its text. One that stands there already stays as it is."""
    front, _text = Front.of_file(path)
    page = PlainPage(**page_fields(front, parent))
    return put(front, parent, page, slug=slug, translation_of=translation_of)


def count_files() -> Iterator[Path]:
    """The files of the demo, one step of the progress bar each."""
    for kind in ("groups", "resources", "standards", "events", "pages", "pages"):
        yield from (FOLDER / kind).glob("*.md")
    yield from (FOLDER / "guidebooks").iterdir()


def load(today: date, told: Told) -> list[str]:
    """Load the demo and build its index; returns remarks on what could not be kept as it was."""
    loader = Loader(today, told)
    with outbox.suspended(), filetexts.read_at_the_end():
        loader.load()
        told("texts of files")
    return loader.remarks
