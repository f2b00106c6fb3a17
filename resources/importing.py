"""Rows made into pages of the library: each row whole or not at all, and the same row never twice.

Nothing here decides who may read: a row that says nothing is for members, and an audience that could not hold in the
section is refused with its row.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from wagtail.log_actions import LogContext

from core.access import Audience
from core.forms import BELOW, access_errors
from core.imported import ImportProblem, said
from core.lines import State, state_above
from core.markdown import blocks_from_markdown
from core.models import Evidence, FileOfPage, HubDocument, HubImage, HubPage, Topic
from core.models.contexts import Extremism, Motivation, Region, Setting, Stage
from members.models import WorkingGroup
from resources import twice
from resources.attaching import Storing, attachments
from resources.fields import Known, Row
from resources.models import Import, ImportedRow, ResourceIndexPage, ResourcePage
from resources.rows import LARGEST_BODY, MB, Raw
from resources.words import RESOURCE_KINDS
from search import outbox

Picture = Callable[[str, str], Any]
"""Gives the picture for an address in a text and its alternative words, or None."""

BATCH = 100
"""Rows that are committed together: a few seconds in which nobody else can write."""
MARKDOWN_LINK = re.compile(r"^(?:[^#?]*/)?(?P<slug>[\w-]+)(?:\.(?P<language>[a-z]{2}))?\.md(?P<anchor>#[^#]*)?$")
WHOLE_ADDRESS = re.compile(r"^(?:https?:|mailto:|tel:|clause:|/(?!/))", re.IGNORECASE)


@dataclass(frozen=True)
class RowError:
    """Why a row was not imported: where it stands, and each problem with its column, value and what is allowed."""

    where: str
    problems: list[str]

    def __str__(self) -> str:
        return "\n".join(f"{self.where}: {problem}" for problem in self.problems)


@dataclass
class Report:
    """What became of an import.

    Args:
        made: How many pages are new; in a dry run, how many would be.
        already: How many rows were there before and are left as they are.
        import_id: Number by which the import can be undone; None when nothing was made.
    """

    made: int = 0
    already: int = 0
    errors: list[RowError] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    import_id: int | None = None

    @property
    def rows(self) -> int:
        """How many rows were looked at."""
        return self.made + self.already + len(self.errors)


class NoLibrary(ValueError):
    """There is no library page to put anything under."""


def import_rows(
    rows: Iterable[Raw],
    *,
    user: Any,
    name: str = "",
    parent: HubPage | None = None,
    default_kind: str = "practice",
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Make a page of each row; commit them in batches; leave out rows with errors and say why.

    Args:
        rows: From ``resources.rows``. Versions in other languages come after their originals.
        user: Who imports, for the pages' history; may be None.
        name: What the import is called, such as the name of its file.
        parent: Where rows without a page of their working group go; default: the library.
        default_kind: The kind of rows that say none.
        dry_run: Look at everything and write nothing.
        progress: Called with the number of rows done, after each.

    Raises:
        NoLibrary: there is no library page in the hub's first language.
    """
    importer = Importer(user=user, name=name, parent=parent, default_kind=default_kind, dry_run=dry_run)
    done = 0
    waiting = iter(rows)
    history = LogContext(user=user)
    while batch := list(islice(waiting, BATCH)):
        with history, outbox.suspended(), transaction.atomic():
            for raw in batch:
                importer.take(raw)
                done += 1
                if progress is not None:
                    progress(done)
    with history, outbox.suspended(), transaction.atomic():
        importer.link_late()
    return importer.report


@dataclass
class Draft:
    """A row that was read without a problem, and is not a page yet."""

    raw: Raw
    row: Row
    source: str
    page: ResourcePage
    section: HubPage | None
    topics: list[Topic]
    files: list[Path]


@dataclass
class Late:
    """A page with links to resources that were not there when it was made."""

    page_id: int
    draft: Draft
    storing: Storing
    missing: set[str]


class Importer:
    """One run of an import: what is known, what was made, and what is left to do at the end."""

    def __init__(self, *, user: Any, name: str, parent: HubPage | None, default_kind: str, dry_run: bool) -> None:
        self.user, self.name, self.default_kind, self.dry_run = user, name, default_kind, dry_run
        self.report = Report()
        self.known = Known.read()
        self.library = self.main_library()
        self.parent = parent or self.library
        self.run: Import | None = None
        self.sections: dict[tuple[str, int | None], HubPage] = {}
        self.states: dict[int, State] = {}
        self.late: list[Late] = []
        self.sources = set(ImportedRow.objects.values_list("source", flat=True))
        # What is here before the import begins: rows of one title in one file may be different things.
        self.titles: set[tuple[str, str, str]] = set()
        self.slugs: dict[tuple[str, str], int] = {}
        self.here = twice.Known.read()
        columns = ("pk", "title", "slug", "locale__language_code", "resource_kind")
        for pk, title, slug, language, kind in ResourcePage.objects.filter(alias_of=None).values_list(*columns):
            self.titles.add((plain_title(title), language, kind))
            self.slugs[slug, language] = pk

    @staticmethod
    def main_library() -> ResourceIndexPage:
        """The library of the hub's first language."""
        libraries = ResourceIndexPage.objects.filter(alias_of=None)
        library = libraries.filter(locale__language_code=settings.LANGUAGE_CODE).first()
        if library is None:
            raise NoLibrary("There is no library page yet: make it below the home page first.")
        return library

    # One row --------------------------------------------------------------------------------------

    def take(self, raw: Raw) -> None:
        """Import one row, or keep why it is not."""
        storing = Storing(self.user, {})
        try:
            draft = self.draft(raw)
            if draft is None:
                self.report.already += 1
                return
            storing.gate = {"audience": draft.page.audience, "working_group": draft.page.working_group}
            if self.dry_run:
                self.look(draft)
            else:
                with transaction.atomic():
                    self.make(draft, storing)
        except ImportProblem as error:
            self.fail(raw, error.problems, storing)
        except ValidationError as error:
            self.fail(raw, said(error), storing)
        except IntegrityError:
            self.fail(raw, ["was imported by somebody else at the same moment"], storing)
        except BaseException:
            # The whole batch is rolled back: what lies on the disk must not stay either.
            storing.take_back()
            raise
        else:
            self.report.made += 1
            self.sources.add(draft.source)
            self.here.add(draft.page.pk or 0, draft.page.doi, draft.page.source_url)

    def fail(self, raw: Raw, problems: list[str], storing: Storing) -> None:
        """Keep why a row is not imported, and take back what it put on the disk."""
        storing.take_back()
        # What was read or made in a transaction that was rolled back is not believed again.
        self.sections.clear()
        self.states.clear()
        self.known.keywords.clear()
        self.report.errors.append(RowError(raw.where, problems))

    def draft(self, raw: Raw) -> Draft | None:
        """Read a row; None when it is here already.

        Raises:
            ImportProblem: with every problem of the row.
        """
        if raw.problem:
            raise ImportProblem(raw.where, [raw.problem])
        row = Row(raw, self.known)
        row.check()
        language = row.code("language", [code for code, _name in settings.LANGUAGES], settings.LANGUAGE_CODE)
        kind = row.code("kind", RESOURCE_KINDS, self.default_kind)
        title = " ".join(row.text("title", most=255, required=True).split())
        source = source_of(row)
        doi, source_url = row.doi(), row.address("source_url")
        # With a DOI the same title alone does not make it the same work: that is asked with the DOI below.
        is_here = source in self.sources or (not doi and (plain_title(title), language, kind) in self.titles)
        if not is_here and not row.problems and not row.text("translation_of"):
            told = self.here.find(title, language, kind if row.text("kind") else "", doi, source_url)
            if told:
                is_here = True
                self.report.remarks.append(f"{raw.where}: is here already: {told}")
        if is_here and not row.problems:
            return None
        page = ResourcePage(
            title=title,
            locale=self.known.locales[language],
            resource_kind=kind,
            summary=row.text("summary", most=500),
            setting=row.codes("setting", Setting.values),
            stage=row.codes("stage", Stage.values),
            extremism=row.codes("extremism", Extremism.values),
            regions=row.codes("regions", Region.values),
            motivation=row.codes("motivation", Motivation.values),
            evidence=row.code("evidence", Evidence.values, ""),
            authors=row.text("authors", most=500),
            published_in=row.text("published_in", most=255),
            doi=doi,
            source_url=source_url,
            for_whom=row.text("for_whom", most=1000),
            staff=row.text("staff", most=1000),
            cost=row.text("cost", most=1000),
            risks=row.text("risks", most=2000),
            neighbour_field=row.text("neighbour_field", most=120),
            carries_over=row.text("carries_over", most=2000),
            does_not_carry=row.text("does_not_carry", most=2000),
            published_on=row.moment("published_on"),
            review_by=row.day("review_by"),
            owner=self.user,
        )
        page.first_published_at = page.last_published_at = page.published_on
        self.read_access(row, page, self.read_original(row, page, language))
        section = self.section(language, page.working_group)
        if not row.problems:
            above = self.above(section or self.library)
            for name, words in access_errors(page.audience, page.working_group, page.teaser, above).items():
                row.problem(name, f"“{row.fields.get(name, '')}”: {words}")
        self.read_slug(row, page, section)
        size = len(row.text("body", most=LARGEST_BODY).encode())
        if size > LARGEST_BODY:
            row.problem("body", f"has {size / MB:.1f} MB; at most {LARGEST_BODY // MB} MB are read")
        topics, files = row.topics(), attachments(row, raw.files)
        row.check_keywords()
        try:
            page.clean()
        except ValidationError as error:
            row.problems.extend(said(error))
        row.check()
        return Draft(raw, row, source, page, section, topics, files)

    def read_original(self, row: Row, page: ResourcePage, language: str) -> HubPage | None:
        """Make the page a version of the one its row names, and give that one."""
        slug = row.text("translation_of", most=255)
        if not slug:
            return None
        pk = self.slugs.get((slug, settings.LANGUAGE_CODE))
        if language == settings.LANGUAGE_CODE:
            row.problem("language", f"“{language}”: a version of another page is in another language")
        elif pk is None:
            row.problem("translation_of", f"there is no resource “{slug[:60]}”; it must come before its versions")
        if not pk:
            return None
        original = HubPage.objects.get(pk=pk)
        page.translation_key = original.translation_key
        if HubPage.objects.filter(translation_key=original.translation_key, locale=page.locale).exists():
            row.problem("translation_of", f"“{slug[:60]}” has a version in {language} already")
        return original

    def read_access(self, row: Row, page: ResourcePage, original: HubPage | None) -> None:
        """Who may read: what the row says; else, for a version in another language, what its original says."""
        default = original.audience if original else Audience.MEMBERS
        page.audience = row.code("audience", Audience.values, default)
        page.working_group = row.group() or (original.working_group if original else None)
        page.teaser = row.flag("teaser") if "teaser" in row.fields or not original else original.teaser

    def read_slug(self, row: Row, page: ResourcePage, section: HubPage | None) -> None:
        """The last part of the address, when the row asks for one; else it is made from the title."""
        slug = row.text("slug", most=255)
        if slug and slugify(slug, allow_unicode=True) != slug:
            row.problem("slug", f"“{slug[:60]}”: use small letters, digits and - only")
        elif slug and section is not None and HubPage.objects.child_of(section).filter(slug=slug).exists():
            row.problem("slug", f"“{slug[:60]}” is taken by another page of the same section")
        page.slug = slug

    def section(self, language: str, group: WorkingGroup | None) -> HubPage | None:
        """Where a page goes: its group's page in its language, else the library.

        None in a dry run where the language has no library yet; otherwise it is made.
        """
        key = (language, group.pk if group else None)
        if key not in self.sections:
            pages = HubPage.objects.filter(locale__language_code=language).order_by("depth", "pk")
            candidates = (
                pages.filter(kind="group", working_group=group, alias_of=None) if group else pages.none(),
                pages.filter(translation_key=self.parent.translation_key),
                pages.filter(translation_key=self.library.translation_key),
            )
            found = next((page for some in candidates if (page := some.first()) is not None), None)
            if found is None and self.dry_run:
                return None
            if found is None:
                locale = self.known.locales[language]
                found = self.library.copy_for_translation(locale, copy_parents=True, alias=True)
            self.sections[key] = found.specific
        return self.sections[key]

    def above(self, section: HubPage) -> State:
        """What a section asks of the pages below it."""
        if section.pk not in self.states:
            self.states[section.pk] = state_above(section.path + BELOW)
        return self.states[section.pk]

    def look(self, draft: Draft) -> None:
        """What a dry run does with a good row: read its text, and remember it for the rows that follow."""
        self.body(draft, image=lambda src, alt: None)
        self.slugs.setdefault((draft.page.slug or slugify(draft.page.title), draft.page.locale.language_code), 0)

    def make(self, draft: Draft, storing: Storing) -> None:
        """Make the page, its files and pictures. Whoever calls holds a transaction to roll back."""
        page, section = draft.page, draft.section
        assert section is not None  # only a dry run has none
        page.body, missing = self.body(draft, partial(storing.picture, draft.raw.pictures))  # type: ignore[assignment]
        for number, path in enumerate(draft.files):
            page.files.add(FileOfPage(document=storing.document(path), sort_order=number))
        page.topics.set(draft.topics)
        page.keywords.set(draft.row.keywords())
        section.add_child(instance=page)
        if self.run is None:
            self.run = Import.objects.create(name=self.name[:255], user=self.user)
        ImportedRow.objects.create(
            of_import=self.run,
            page=page,
            source=draft.source,
            as_made=fingerprint(page.pk),
            documents=storing.ids(HubDocument),
            images=storing.ids(HubImage),
        )
        self.report.import_id = self.run.pk
        self.slugs[page.slug, page.locale.language_code] = page.pk
        if missing:
            self.late.append(Late(page.pk, draft, storing, missing))

    def body(
        self, draft: Draft, image: Callable[[str, str], Any], *, remark: bool = True
    ) -> tuple[list[Any], set[str]]:
        """The text as blocks, and the short names of resources it links to that are not there."""
        missing: set[str] = set()
        language = draft.page.locale.language_code

        def link(address: str) -> str | None:
            if WHOLE_ADDRESS.match(address):
                return address
            named = MARKDOWN_LINK.match(address)
            if named is None:
                return None
            for code in (named["language"] or language, settings.LANGUAGE_CODE):
                if pk := self.slugs.get((named["slug"], code)):
                    return f"page:{pk}{named['anchor'] or ''}"
            missing.add(named["slug"])
            return None

        try:
            converted = blocks_from_markdown(draft.row.text("body", most=LARGEST_BODY), link=link, image=image)
        except ValueError as error:
            raise ImportProblem(draft.raw.where, [f"body: {error}"]) from error
        if remark:
            self.report.remarks += [f"{draft.raw.where}: {words}" for words in converted.remarks]
        return converted.blocks, missing

    def link_late(self) -> None:
        """Set the links to resources that came later in the same import."""
        for late in self.late:
            if not any((slug, settings.LANGUAGE_CODE) in self.slugs for slug in late.missing):
                continue
            page = ResourcePage.objects.get(pk=late.page_id)
            picture = partial(late.storing.picture, late.draft.raw.pictures)
            page.body, _missing = self.body(late.draft, picture, remark=False)  # type: ignore[assignment]
            page.save()
            ImportedRow.objects.filter(page=page).update(as_made=fingerprint(page.pk))


# Small questions -----------------------------------------------------------------------------------


def plain_title(title: str) -> str:
    """A title as it is compared: without capitals and spare space.

    >>> plain_title("  The  First CALL ")
    'the first call'
    """
    return " ".join(title.casefold().split())


def source_of(row: Row) -> str:
    """What makes this the same row in another run: its own id, else a hash of all it says."""
    own = row.text("id", most=70)
    if own:
        return f"id:{own}"
    told = json.dumps(row.fields, sort_keys=True, default=str)
    return f"hash:{hashlib.sha256(told.encode()).hexdigest()}"


def fingerprint(pk: int) -> str:
    """A hash of all an editor can change in a page; the same as long as nobody did."""
    page = ResourcePage.objects.get(pk=pk)
    left_out = {"path", "depth", "numchild", "url_path", "reading_minutes", "access_key", "standing_key"}
    told: dict[str, Any] = {
        column.attname: column.value_to_string(page)
        for column in page._meta.concrete_fields
        if column.name not in left_out
    }
    told["topics"] = sorted(page.topics_of_page.values_list("tag", flat=True))
    told["keywords"] = sorted(page.keywords_of_page.values_list("tag", flat=True))
    told["files"] = list(page.files.order_by("sort_order").values_list("document", flat=True))
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
