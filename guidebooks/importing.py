"""A manuscript becomes a guidebook.

Files are read and converted first; only if every one of them can be read is anything written, in one
transaction. Links between files become links between pages, which needs all pages to exist, so
bodies are written in a second round.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from wagtail.log_actions import log

from core import lines
from core.access import Audience
from core.blocks import make_renditions
from core.forms import BELOW, access_errors
from core.imported import ImportProblem, said
from core.markdown import COUNTED, Converted
from core.models import HubPage
from core.models.contexts import Extremism, Region, Setting, Stage
from guidebooks.folder import Folder
from guidebooks.manuscript import Manuscript, Source
from guidebooks.models import ChapterPage, GuidebookPage
from guidebooks.pictures import Pictures
from guidebooks.targets import Targets
from members.models import WorkingGroup
from search import outbox

LONG = 110_000
"""Characters of a body from which its page would weigh more than 120 KB."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ChapterReport:
    """What became of one file."""

    path: str
    title: str
    before: Counter[str]
    after: Counter[str]
    lost: Counter[str]
    remarks: list[str]


@dataclass
class Report:
    """What became of a folder.

    Args:
        guidebook: None after a dry run.
        created, updated, unchanged, left: pages that are new; whose file changed; whose file did not;
            whose file changed but which were edited here since, so that they were left alone.
        gone: files that were imported before and are no longer in the folder; their pages stay.
    """

    guidebook: GuidebookPage | None = None
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    chapters: list[ChapterReport] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def total(self, which: str) -> Counter[str]:
        """The counts of all files together: ``before``, ``after`` or ``lost``."""
        found: Counter[str] = Counter()
        for chapter in self.chapters:
            found.update(getattr(chapter, which))
        return found

    @property
    def agrees(self) -> bool:
        """Whether all that was in the files is in the pages, or is named as lost in a remark."""
        before, after, lost = self.total("before"), self.total("after"), self.total("lost")
        return all(before[name] == after[name] + lost[name] for name in COUNTED)

    def lines(self, *, remarks: bool = True) -> Iterator[str]:
        """The report in words, one line at a time."""
        before, after, lost = self.total("before"), self.total("after"), self.total("lost")
        yield (
            f"{len(self.chapters)} files: {self.created} pages new, {self.updated} changed, "
            f"{self.unchanged} unchanged, {len(self.left)} left alone"
        )
        for name in COUNTED:
            missing = f", {lost[name]} lost or missing" if lost[name] else ""
            yield f"  {name}: {before[name]} in the files, {after[name]} in the pages{missing}"
        for path in self.left:
            yield f"  left alone, because it was edited here since the last import: {path}"
        for path in self.gone:
            yield f"  no longer in the folder, its page stays: {path}"
        if remarks:
            yield from (f"  {remark}" for remark in self.remarks)
            for chapter in self.chapters:
                yield from (f"  {chapter.path}: {remark}" for remark in chapter.remarks)


def import_folder(
    folder: Path,
    parent: HubPage,
    *,
    audience: str | None = None,
    language: str | None = None,
    title: str = "",
    working_group: WorkingGroup | None = None,
    translation_of: GuidebookPage | None = None,
    user: Any = None,
    assets: Path | None = None,
    site: str = "",
    flat: bool = False,
    publish: bool = True,
    dry_run: bool = False,
    link: Callable[[str], str | None] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Make a guidebook of a folder of Markdown files, or bring the one made of it before up to date.

    Args:
        folder: Its ``index.md`` is the cover and introduction; each other file is a chapter, files in
            folders are parts of chapters. Order: ``_toc.yml``, ``order`` in the front matter, name.
        parent: A guidebooks section or the page of a working group.
        audience: Who may read the book where its own front matter does not say; members if None.
        language: Code that must be the parent's; None takes the parent's.
        title: Title of the book, in place of the one in its files.
        working_group: Owner, where the front matter names none; else the parent's.
        translation_of: The guidebook of which this is a version in another language; chapters are
            matched by the paths of their files.
        assets: Folder in which pictures with addresses such as ``/assets/x.png`` stand, or to which
            addresses such as ``../../pictures/x.png`` lead. None: the folder ``pictures`` beside the
            folder that holds this one, if there is one.
        site: Address of the site the files come from; links that lead out of the folder go there.
        flat: Leave out the folders below.
        publish: Show it at once; else all of it is a draft. Pages that exist stay as they are.
        dry_run: Write nothing; the report says what would be.
        link: Is asked for the address of each link that leads out of the folder, as it stands in the
            text, and gives a URL, ``page:<id>``, ``page:<id>#anchor``, ``clause:<number>`` or None.
        progress: Is told how many steps are done, of how many.

    Raises:
        ImportProblem: A file cannot be read, or says something that cannot hold. It names every such
            file and line; nothing was written.
    """
    language = language or parent.language
    if language != parent.language:
        problem = f"language: is {language}, the section is {parent.language}"
        raise ImportProblem(str(folder.name), [problem])
    return import_manuscript(
        Folder.read(folder, language, title=title, flat=flat, assets=assets or _pictures_beside(folder)),
        parent,
        audience=audience,
        working_group=working_group,
        translation_of=translation_of,
        user=user,
        root=folder.name,
        site=site,
        publish=publish,
        dry_run=dry_run,
        link=link,
        progress=progress,
    )


def import_manuscript(
    manuscript: Manuscript,
    parent: HubPage,
    *,
    audience: str | None = None,
    working_group: WorkingGroup | None = None,
    translation_of: GuidebookPage | None = None,
    user: Any = None,
    root: str = "",
    site: str = "",
    publish: bool = True,
    dry_run: bool = False,
    link: Callable[[str], str | None] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Make a guidebook of a manuscript, or bring the one made of it before up to date.

    Args:
        manuscript: A book that was read: ``guidebooks.folder.Folder`` or another reader's.
        root: Name of the folder it came in, if any: a link may lead out of it and back in.

    The other arguments and what is raised are as for ``import_folder``.
    """
    work = _Import(
        manuscript,
        parent,
        audience=audience,
        working_group=working_group,
        translation_of=translation_of,
        user=user,
        publish=publish,
        targets=Targets(root=root, site=site, link=link),
        pictures=Pictures(manuscript, dry_run=dry_run),
        progress=progress or (lambda _done, _total: None),
    )
    return work.look() if dry_run else work.write()


def _pictures_beside(folder: Path) -> Path | None:
    beside = folder.resolve().parent.parent / "pictures"
    return beside if beside.is_dir() else None


@dataclass
class _Import:
    """One import on its way."""

    manuscript: Manuscript
    parent: HubPage
    audience: str | None
    working_group: WorkingGroup | None
    translation_of: GuidebookPage | None
    user: Any
    publish: bool
    targets: Targets
    pictures: Pictures
    progress: Progress
    report: Report = field(default_factory=Report)
    readers: dict[str, tuple[str, WorkingGroup | None]] = field(default_factory=dict)
    pages: dict[str, GuidebookPage | ChapterPage] = field(default_factory=dict)

    def look(self) -> Report:
        """Convert everything and write nothing."""
        self._prepare()
        sources = self.manuscript.sources
        for source in sources:
            self.targets.place(source, 0)
        for number, source in enumerate(sources, start=1):
            self._convert(source, *self._readers(source))
            self.progress(number, len(sources))
        self.report.remarks += self.manuscript.remarks
        return self.report

    def write(self) -> Report:
        """Write it, whole or not at all."""
        self._prepare()
        try:
            with outbox.suspended(), transaction.atomic():
                self._write()
        except BaseException:
            # Rows went with the transaction; files in the storage did not.
            self.pictures.take_back()
            raise
        self.report.remarks += self.manuscript.remarks
        return self.report

    def _prepare(self) -> None:
        """Read everything once without writing, so that problems show before anything is there."""
        problems = list(self.manuscript.problems)
        for source in self.manuscript.sources:
            try:
                self.targets.add(source, self.manuscript.look(source))
            except ValueError as error:
                problems.append(f"{source.path}: {error}")
        for source in self.manuscript.sources:
            audience, group = self._readers(source)
            above = self._above(source)
            teaser = source.front.flag("teaser")
            for name, words in access_errors(audience, group, teaser, above).items():
                source.front.problem(name, words)
            self._fields(source)
            problems += [f"{source.path}: {problem}" for problem in source.front.problems]
        if problems:
            raise ImportProblem(self.manuscript.name, problems)

    def _readers(self, source: Source) -> tuple[str, WorkingGroup | None]:
        """Who may read a file, by its own front matter or the book's; read once."""
        if source.path not in self.readers:
            cover = self.manuscript.cover
            if source is cover:
                group = cover.front.group() or self.working_group or self.parent.working_group
                default = self.audience or Audience.MEMBERS
            else:
                default, group = self._readers(cover)
            audience = source.front.code("audience", Audience.values, default=default)
            self.readers[source.path] = audience, group
        return self.readers[source.path]

    def _above(self, source: Source) -> lines.State:
        """What stands over a page: the section it will be in, and for a chapter the book too."""
        section = lines.state_above(self.parent.path + BELOW)
        if source.is_cover:
            return section
        audience, group = self._readers(self.manuscript.cover)
        teaser = self.manuscript.cover.front.flag("teaser")
        cover = lines.Row(None, "", self.publish, audience, group.pk if group else None, teaser)
        return section.below(cover)

    def _fields(self, source: Source) -> dict[str, Any]:
        """What the front matter says of a page; what is wrong with it is in its problems."""
        front = source.front
        audience, group = self._readers(source)
        published = front.moment("published_on") or self.manuscript.cover.front.moment("published_on")
        fields: dict[str, Any] = {
            "summary": source.summary,
            "audience": audience,
            "working_group": group,
            "teaser": front.flag("teaser"),
            "published_on": published,
            "first_published_at": published,
            "last_published_at": published,
            "review_by": front.day("review_by"),
            "topics": front.topics(),
        }
        if source.is_cover:
            fields |= {
                "edition": front.text("edition", most=60),
                "setting": front.codes("setting", Setting.values),
                "stage": front.codes("stage", Stage.values),
                "extremism": front.codes("extremism", Extremism.values),
                "regions": front.codes("regions", Region.values),
            }
        return fields

    def _write(self) -> None:
        sources = self.manuscript.sources
        total = 2 * len(sources)
        for number, source in enumerate(sources, start=1):
            self.pages[source.path] = self._page(source)
            self.progress(number, total)
        # Rows as they are now: each new page changed the counts of the page above it.
        fresh = {
            **GuidebookPage.objects.in_bulk([self.pages[self.manuscript.cover.path].pk]),
            **ChapterPage.objects.in_bulk([page.pk for page in self.pages.values()]),
        }
        for source in sources:
            self.targets.place(source, self.pages[source.path].pk)
        for number, source in enumerate(sources, start=1):
            self._body(source, fresh[self.pages[source.path].pk])
            self.progress(len(sources) + number, total)
        book = GuidebookPage.objects.get(pk=self.pages[self.manuscript.cover.path].pk)
        self.report.guidebook = book
        known = {source.path for source in sources}
        below = ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False))
        self.report.gone = sorted(
            path for path in below.values_list("imported_from", flat=True) if path and path not in known
        )

    # Pages -----------------------------------------------------------------------------------

    def _page(self, source: Source) -> GuidebookPage | ChapterPage:
        """The page of a file: the one made of it before, or a new one."""
        there = self._there(source)
        if there is not None:
            return there
        above = self.parent if source.is_cover else self.pages[source.above]
        parent = HubPage.objects.get(pk=above.pk).specific
        fields = self._fields(source)
        topics = fields.pop("topics")
        kind = GuidebookPage if source.is_cover else ChapterPage
        page = kind(
            title=self._title(source),
            slug=self._slug(source, parent),
            locale=parent.locale,
            owner=self.user if getattr(self.user, "pk", None) else None,
            live=self.publish,
            has_unpublished_changes=not self.publish,
            imported_from=self._origin(source),
            **fields,
        )
        original = self._original(source)
        if original is not None:
            page.translation_key = original.translation_key
        page.topics.set(topics)
        page.keywords.set(source.front.keywords())
        if source.front.problems:
            raise ImportProblem(f"{self.manuscript.name}/{source.path}", source.front.problems)
        try:
            parent.add_child(instance=page)
        except ValidationError as error:
            raise ImportProblem(f"{self.manuscript.name}/{source.path}", said(error)) from error
        log(instance=page, action="wagtail.create", user=self.user)
        self.report.created += 1
        return page

    def _origin(self, source: Source) -> str:
        return self.manuscript.name if source.is_cover else source.path

    def _there(self, source: Source) -> GuidebookPage | ChapterPage | None:
        if source.is_cover:
            parent = HubPage.objects.get(pk=self.parent.pk)
            beside = GuidebookPage.objects.child_of(parent)
            return beside.filter(imported_from=self._origin(source)).first()
        book = self.pages[self.manuscript.cover.path]
        below = ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False))
        return below.filter(imported_from=source.path).first()

    def _original(self, source: Source) -> HubPage | None:
        """The page of which this one is a version in another language."""
        if self.translation_of is None:
            return None
        book = self.translation_of
        if source.is_cover:
            return book
        below = ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False))
        found: HubPage | None = below.filter(imported_from=source.path).first()
        if found is None:
            self.report.remarks.append(f"{source.path}: has no counterpart in “{book.title}”")
        return found

    def _title(self, source: Source) -> str:
        return source.title[:255]

    def _slug(self, source: Source, parent: HubPage) -> str:
        name = source.name
        if source.is_cover and self.translation_of is not None and self.translation_of.slug:
            name = self.translation_of.slug  # One address for one book, under each language.
        wanted = slugify(name)[:200].strip("-") or ("guidebook" if source.is_cover else "chapter")
        taken = set(HubPage.objects.child_of(parent).values_list("slug", flat=True))
        slug, number = wanted, 1
        while slug in taken:
            number += 1
            slug = f"{wanted}-{number}"
        return slug

    # Bodies ----------------------------------------------------------------------------------

    def _convert(self, source: Source, audience: str, group: WorkingGroup | None) -> Converted:
        converted = self.manuscript.convert(
            source, self.targets, lambda src, alt: self.pictures.find(source, src, alt, audience, group)
        )
        length = len(json.dumps(converted.blocks, ensure_ascii=False))
        if length > LONG:
            converted.remarks.append(
                f"is long for one page ({length // 1000} KB with its marks); readers on poor lines "
                "will thank you for two"
            )
        self.report.chapters.append(
            ChapterReport(
                source.path,
                source.title,
                Counter(converted.counts.before),
                Counter(converted.counts.after),
                Counter(converted.counts.lost),
                [*source.remarks, *map(self._with_reason, converted.remarks)],
            )
        )
        return converted

    def _with_reason(self, remark: str) -> str:
        """A picture that is there but was not taken is missing for a reason."""
        missing, colon, src = remark.partition(": ")
        reason = self.pictures.reasons.get(src) if missing == "picture missing" and colon else None
        return f"picture not taken, {reason}: {src}" if reason else remark

    def _body(self, source: Source, page: GuidebookPage | ChapterPage) -> None:
        converted = self._convert(source, page.audience, page.working_group)
        digest = digest_of([source.title, source.summary, converted.blocks])
        if page.imported_text == digest:
            self.report.unchanged += 1
            return
        is_new = not page.imported_text
        if not is_new and page.imported_body != digest_of_body(page):
            self.report.left.append(source.path)
            return
        page.title, page.summary = source.title[:255], source.summary
        page.body = converted.blocks  # type: ignore[assignment]
        page.imported_text = digest
        page.imported_body = digest_of_body(page)
        make_renditions(page.body)
        if is_new:
            page.save()
        else:
            revision = page.save_revision(user=self.user, log_action=True)
            if page.live:
                revision.publish(user=self.user, skip_permission_checks=True)
            type(page).objects.filter(pk=page.pk).update(
                imported_text=page.imported_text, imported_body=page.imported_body
            )
            self.report.updated += 1


def digest_of(what: Any) -> str:
    """A SHA-256 of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()


def digest_of_body(page: GuidebookPage | ChapterPage) -> str:
    """The digest of what a page holds now: title, summary and body."""
    body = page.body.stream_block.get_prep_value(page.body)
    return digest_of([page.title, page.summary, body])
