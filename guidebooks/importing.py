"""A manuscript becomes a guidebook, or a new version of one.

Files are read and converted first; only if every one of them can be read is anything written, in one
transaction. Links between files become links between pages, which needs all pages to exist, so
bodies are written in a second round. What was imported before keeps the ids of its blocks
(``guidebooks.identity``) and what people changed here (``guidebooks.renewing``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.images.models import SourceImageIOError
from wagtail.log_actions import log

from core import lines
from core.access import Audience
from core.blocks import make_renditions, renditions_of
from core.content_checks import HEAVY
from core.desk import desk_for, tags_for
from core.forms import BELOW, access_errors
from core.imported import ImportProblem, said
from core.markdown import Converted
from core.models import HubPage, Keyword, KeywordOfPage, Topic, TopicOfPage
from core.models.contexts import Extremism, Region, Setting, Stage
from guidebooks.describing import described, wordless
from guidebooks.folder import Folder
from guidebooks.former import BookPage, Choices, Former, Renewed, digest_of, digest_of_body, is_shut
from guidebooks.identity import Block
from guidebooks.manuscript import Manuscript, Source
from guidebooks.models import ChapterPage, GuidebookPage, Origin
from guidebooks.pictures import Pictures
from guidebooks.reports import ChapterReport, Report
from guidebooks.targets import Targets
from members.models import User, WorkingGroup
from search import outbox

Progress = Callable[[int, int], None]


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
        words = _("language: is %(language)s, the section is %(other)s")
        raise ImportProblem(str(folder.name), [words % {"language": language, "other": parent.language}])
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
    onto: GuidebookPage | None = None,
    choices: Choices | None = None,
    root: str = "",
    site: str = "",
    publish: bool = True,
    dry_run: bool = False,
    link: Callable[[str], str | None] | None = None,
    progress: Progress | None = None,
    done: Callable[[Report], None] | None = None,
    taken_over: Callable[[], bool] | None = None,
) -> Report:
    """Make a guidebook of a manuscript, or bring the one made of it before up to date.

    Args:
        manuscript: A book that was read: ``guidebooks.folder.Folder`` or another reader's.
        onto: The guidebook of which it is a new version, whatever the file is called by now. Its pages get
            drafts; nothing is published, whatever ``publish`` says. Edits made here are kept.
        choices: What the person who imports decided in the preview. With it, as where ``onto`` is given, who may
            read and whose it is are not taken from the file, and pictures without words are left to be asked about.
        root: Name of the folder it came in, if any: a link may lead out of it and back in.

        done: Called when all is written, in the same transaction: if it fails, nothing was imported.
        taken_over: Is asked when the import fails: whether another process does it by now. The pictures stay then,
            as that one may have found them.

    The other arguments and what is raised are as for ``import_folder``.
    """
    work = _Import(
        manuscript,
        parent,
        audience=audience,
        working_group=working_group,
        translation_of=translation_of,
        user=user,
        publish=publish and onto is None,
        onto=onto,
        choices=choices,
        targets=Targets(root=root, site=site, link=link),
        pictures=Pictures(manuscript, dry_run=dry_run, parent=parent),
        progress=progress or (lambda _done, _total: None),
    )
    return work.look() if dry_run else work.write(done, taken_over)


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
    onto: GuidebookPage | None
    choices: Choices | None
    targets: Targets
    pictures: Pictures
    progress: Progress
    report: Report = field(default_factory=Report)
    readers: dict[str, tuple[str, WorkingGroup | None]] = field(default_factory=dict)
    pages: dict[str, BookPage] = field(default_factory=dict)
    addresses: dict[str, dict[int, str]] = field(default_factory=dict)
    """For each source the address in its text of each image."""
    ready: dict[str, Converted] = field(default_factory=dict)
    """Sources that were turned into blocks before the transaction."""
    when_ready: dict[str, tuple[int, str, int | None]] = field(default_factory=dict)
    """The former pages as they were then."""
    former: Former = field(init=False)

    def __post_init__(self) -> None:
        self.former = Former(self.manuscript, self.targets, self.onto, self.choices)

    def look(self) -> Report:
        """Convert everything, say what it would change, and write nothing."""
        self._prepare()
        self._find()
        sources = self.manuscript.sources
        for source in sources:
            page = self.former.pages.get(source.path)
            self.targets.place(source, page.pk if page else 0)
        came: dict[str, list[Block]] = {}
        for number, source in enumerate(sources, start=1):
            came[source.path] = self._convert(source).blocks
            self.progress(number, len(sources))
        for source, blocks in self._identified(came):
            there = self.former.pages.get(source.path)
            if there is not None and self.onto is not None:
                blocks = self._renewed(source, there, blocks).merged.blocks
            self._told(source).asked = wordless(blocks, self.addresses[source.path])
        self._tell_gone()
        return self.report

    def write(
        self, done: Callable[[Report], None] | None = None, taken_over: Callable[[], bool] | None = None
    ) -> Report:
        """Write it, whole or not at all."""
        self._prepare()
        try:
            with outbox.suspended():
                if self.choices is not None:
                    self._make_ready()
                with transaction.atomic():
                    self._find()
                    if self._pages_found() != self.when_ready:
                        self.ready.clear()  # somebody has changed the book meanwhile
                    self._write()
                    if done is not None:
                        done(self.report)
        except BaseException:
            # Rows went with the transaction; pictures that were stored before it did not.
            if taken_over is None or not taken_over():
                self.pictures.take_back()
            raise
        return self.report

    def _make_ready(self) -> None:
        """Store pictures and turn sources into blocks before the transaction, during which nobody else may write.

        A source with a link to a page that has yet to be made is turned once more when it is there.
        """
        self._find()
        for source in self.manuscript.sources:
            page = self.former.pages.get(source.path)
            self.targets.place(source, page.pk if page else 0)
        sources = self.manuscript.sources
        for number, source in enumerate(sources, start=1):
            self.targets.waits = False
            converted = self._turned(source, with_renditions=True)
            if not self.targets.waits:
                self.ready[source.path] = converted
            self.progress(number, len(sources))
        self.when_ready = self._pages_found()
        self.former = Former(self.manuscript, self.targets, self.onto, self.choices)

    def _pages_found(self) -> dict[str, tuple[int, str, int | None]]:
        """What of the former pages decides about links and pictures."""
        return {path: (page.pk, page.audience, page.working_group_id) for path, page in self.former.pages.items()}

    def _prepare(self) -> None:
        """Read everything once without writing, so that problems show before anything is there."""
        problems = list(self.manuscript.problems)
        if problems and len(self.manuscript.sources) == 1:
            raise ImportProblem(self.manuscript.name, problems)  # it could not be opened: there is no more to say
        for source in self.manuscript.sources:
            try:
                self.targets.add(source, self.manuscript.look(source))
            except ValueError as error:
                problems.append(f"{source.path}: {error}")
        for source in self.manuscript.sources:
            audience, group = self._readers(source)
            above = self._above(source)
            teaser = self._teaser(source)
            for name, problem in access_errors(audience, group, teaser, above).items():
                source.front.problem(name, problem)
            self._fields(source)
            problems += [f"{source.path}: {problem}" for problem in source.front.problems]
        if problems:
            raise ImportProblem(self.manuscript.name, problems)

    def _readers(self, source: Source) -> tuple[str, WorkingGroup | None]:
        """Who may read a file, by its own front matter or the book's; read once."""
        if source.path not in self.readers:
            cover = self.manuscript.cover
            if source is cover and self.onto is not None:
                default, group = self.onto.audience, self.onto.working_group
            elif source is cover:
                own = None if self.choices is not None else cover.front.group()
                group = own or self.working_group or self.parent.working_group
                default = self.audience or Audience.MEMBERS
            else:
                default, group = self._readers(cover)
            if source is cover and (self.onto is not None or self.choices is not None):
                audience = default  # the person said so; the file's opinion is another version's
            else:
                audience = source.front.code("audience", Audience.values, default=default)
            self.readers[source.path] = audience, group
        return self.readers[source.path]

    def _teaser(self, source: Source) -> bool:
        """Whether strangers are shown title and summary; who chose the readers in a form was not asked that."""
        return self.choices is None and self.onto is None and source.front.flag("teaser")

    def _above(self, source: Source) -> lines.State:
        """What stands over a page: the section it will be in, and for a chapter the book too."""
        section = lines.state_above(self.parent.path + BELOW)
        if source.is_cover:
            return section
        audience, group = self._readers(self.manuscript.cover)
        teaser = self._teaser(self.manuscript.cover)
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
            "teaser": self._teaser(source),
            "published_on": published,
            "first_published_at": published,
            "last_published_at": published,
            "review_by": front.day("review_by"),
            "topics": front.topics(among=self._offered(Topic, TopicOfPage)),
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

    def _offered(self, tags: Any, of_pages: Any) -> Any:
        """Topics or keywords whoever imports may know of, as the form of a page has it; None: all."""
        desk = desk_for(self.user) if isinstance(self.user, User) else None
        return None if desk is None else tags_for(tags.objects.all(), of_pages.objects.all(), desk)

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
        came = {source.path: self._convert(source).blocks for source in sources}
        for number, (source, blocks) in enumerate(self._identified(came), start=1):
            self._body(source, fresh[self.pages[source.path].pk], came[source.path], blocks)
            self.progress(len(sources) + number, total)
        if self.report.locked:
            raise ImportProblem(
                self.manuscript.name,
                [_("“%(title)s” is in review or locked.") % {"title": title} for title in self.report.locked],
            )
        self.report.guidebook = GuidebookPage.objects.get(pk=self.pages[self.manuscript.cover.path].pk)
        self._tell_gone()

    def _find(self) -> None:
        self.former.find(self.parent)
        self.pictures.known = self.former.pictures

    def _identified(self, came: Mapping[str, list[Block]]) -> list[tuple[Source, list[Block]]]:
        given = self.former.identified(came, self.pages)
        return [(source, given[source.path]) for source in self.manuscript.sources]

    def _described(self, source: Source, blocks: list[Block]) -> list[Block]:
        if self.choices is None:
            return blocks
        given: list[Block] = described(blocks, self.addresses[source.path], self.choices.alts_of(source))
        return given

    def _tell_gone(self) -> None:
        gone = self.former.gone(self.pages)
        self.report.gone = sorted(page.imported_from for page in gone)
        self.report.gone_pages = {page.pk: page.title for page in gone}
        self.report.remarks += self.manuscript.remarks

    # Pages -----------------------------------------------------------------------------------

    def _page(self, source: Source) -> BookPage:
        """The page of a file: the one made of it before, or a new one."""
        there = self.former.pages.get(source.path)
        if there is not None:
            if self.onto is not None and there.imported_from != self._origin(source):
                # Known by its new name from now on; of the book, the name of its file.
                type(there).objects.filter(pk=there.pk).update(imported_from=self._origin(source))
                there.imported_from = self._origin(source)
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
        page.keywords.set(source.front.keywords(among=self._offered(Keyword, KeywordOfPage)))
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
            words = _("%(name)s: has no counterpart in “%(title)s”.")
            self.report.remarks.append(words % {"name": source.path, "title": book.title})
        return found

    def _title(self, source: Source) -> str:
        given = self.choices.titles.get(source.path, "").strip() if self.choices else ""
        return (given or source.title)[:255]

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

    def _turned(self, source: Source, *, with_renditions: bool = False) -> Converted:
        """A source as blocks; its pictures are stored, unless that is only looked at."""
        page = self.former.pages.get(source.path) or self.pages.get(source.path)
        audience, group = (page.audience, page.working_group) if page else self._readers(source)
        found = self.addresses.setdefault(source.path, {})

        def image(src: str, alt: str) -> Any:
            picture = self.pictures.find(source, src, alt, audience, group)
            if picture is not None:
                found.setdefault(picture.pk, src)
                if with_renditions:
                    with suppress(SourceImageIOError):
                        renditions_of(picture)
            return picture

        return self.manuscript.convert(source, self.targets, image)

    def _convert(self, source: Source) -> Converted:
        converted = self.ready.pop(source.path, None) or self._turned(source)
        length = len(json.dumps(converted.blocks, ensure_ascii=False))
        if length > HEAVY:
            words = _("This is long for one page (%(size)d KB). Make two of it, for readers on poor lines.")
            converted.remarks.append(words % {"size": length // 1000})
        there = self.former.pages.get(source.path)
        self.report.chapters.append(
            ChapterReport(
                source.path,
                source.title,
                Counter(converted.counts.before),
                Counter(converted.counts.after),
                Counter(converted.counts.lost),
                [*source.remarks, *converted.remarks],
                above=source.above,
                page=there.pk if there is not None else None,
                title_here=there.title if there is not None else "",
            )
        )
        return converted

    def _told(self, source: Source) -> ChapterReport:
        return next(chapter for chapter in self.report.chapters if chapter.path == source.path)

    def _renewed(self, source: Source, page: BookPage, blocks: list[Block]) -> Renewed:
        """What a page becomes of a new version, and say so in the report."""
        renewed = self.former.renewed(source, page, self._described(source, blocks))
        told = self._told(source)
        told.changes, told.moved, told.title_here = renewed.merged.changes, renewed.merged.moved, renewed.title
        told.title_now = renewed.now.title if renewed.now.title != renewed.title else ""
        if self.onto is not None and renewed.is_news and is_shut(page, self.user):
            self.report.locked.append(renewed.now.title)
        return renewed

    def _body(self, source: Source, page: BookPage, came: list[Block], blocks: list[Block]) -> None:
        digest = digest_of([source.title, source.summary, came])
        if not page.imported_text:
            page.title, page.summary = self._title(source), source.summary
            page.body = self._described(source, blocks)  # type: ignore[assignment]
            self._remember(source, page, digest, blocks)
            make_renditions(page.body)
            page.save()
            if self.choices is not None:
                page.save_revision(user=self.user, clean=False)
            return
        if self.onto is None:
            if page.imported_text == digest:
                self.report.unchanged += 1
                return
            if page.imported_body != digest_of_body(page.get_latest_revision_as_object()):
                self.report.left.append(source.path)
                return
        renewed = self._renewed(source, page, blocks)
        now = renewed.now
        if self.onto is not None and not renewed.is_news:
            self._remember(source, page, digest, blocks)
            self._store(page)
            self.report.unchanged += 1
            return
        now.title, now.summary, now.imported_from = renewed.title, renewed.summary, self._origin(source)
        now.body = renewed.merged.blocks  # type: ignore[assignment]
        make_renditions(now.body)
        self._remember(source, now, digest, blocks)
        if not now.live:
            now.save(clean=False)
        revision = now.save_revision(user=self.user, log_action=True, clean=self.onto is None)
        if self.publish and now.live:
            revision.publish(user=self.user, skip_permission_checks=True)
        self._store(now)
        self.report.updated += 1

    def _remember(self, source: Source, page: BookPage, digest: str, blocks: list[Block]) -> None:
        """Keep what the file said, so that the next version can tell its own changes from those made here."""
        page.imported_text, page.imported_body = digest, digest_of_body(page)
        said = {
            "title": source.title[:255],
            "summary": source.summary,
            "blocks": blocks,
            "pictures": self.pictures.taken.get(source.path, {}),
        }
        Origin.objects.update_or_create(page_id=page.pk, defaults=said)

    @staticmethod
    def _store(page: BookPage) -> None:
        columns = {"imported_text": page.imported_text, "imported_body": page.imported_body}
        type(page).objects.filter(pk=page.pk).update(**columns)
