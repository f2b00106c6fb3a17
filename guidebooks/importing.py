"""A manuscript becomes a guidebook, or a new version of one.

Files are read and converted first; only if every one of them can be read is anything written, in one
transaction. Links between files become links between pages, which needs all pages to exist, so
bodies are written in a second round. What was imported before keeps the ids of its blocks
(``guidebooks.identity``) and what people changed here (``guidebooks.renewing``).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
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
from core.markdown import Converted
from core.models import HubPage
from core.models.contexts import Extremism, Region, Setting, Stage
from guidebooks.folder import Folder
from guidebooks.identity import Block, identified, relinked, renamed, words
from guidebooks.manuscript import Manuscript, Source
from guidebooks.models import ChapterPage, GuidebookPage, Origin
from guidebooks.pictures import Pictures
from guidebooks.renewing import Chapter, Merged, chosen, merged, same_chapters
from guidebooks.reports import ChapterReport, Report
from guidebooks.targets import Targets
from members.models import WorkingGroup
from search import outbox

LONG = 110_000
"""Characters of a body from which its page would weigh more than 120 KB."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Choices:
    """What a person decided when looking at a preview.

    Args:
        titles: What a chapter is called, by its path.
        alts: What a picture shows, by path and address (``path|src``); empty: it is only decoration.
        keep: ``mine`` or ``file`` for each block that was changed here and in the file, by its id.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    alts: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)


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
    onto: GuidebookPage | None = None,
    choices: Choices | None = None,
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
        onto: The guidebook of which it is a new version, whatever the file is called by now. Its pages get
            drafts; nothing is published, whatever ``publish`` says. Edits made here are kept.
        choices: What the person who imports decided in the preview. With it, as where ``onto`` is given, who may
            read and whose it is are not taken from the file, and pictures without words are left to be asked about.
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
        publish=publish and onto is None,
        onto=onto,
        choices=choices,
        targets=Targets(root=root, site=site, link=link),
        pictures=Pictures(manuscript, dry_run=dry_run, parent=parent),
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
    onto: GuidebookPage | None
    choices: Choices | None
    targets: Targets
    pictures: Pictures
    progress: Progress
    report: Report = field(default_factory=Report)
    readers: dict[str, tuple[str, WorkingGroup | None]] = field(default_factory=dict)
    pages: dict[str, GuidebookPage | ChapterPage] = field(default_factory=dict)
    there: dict[str, GuidebookPage | ChapterPage] = field(default_factory=dict)
    origins: dict[int, Origin] = field(default_factory=dict)
    addresses: dict[str, dict[int, str]] = field(default_factory=dict)
    """For each source the address in its text of each image."""

    def look(self) -> Report:
        """Convert everything, say what it would change, and write nothing."""
        self._prepare()
        self._find()
        sources = self.manuscript.sources
        for source in sources:
            page = self.there.get(source.path)
            self.targets.place(source, page.pk if page else 0)
        came = {}
        for number, source in enumerate(sources, start=1):
            came[source.path] = self._convert(source)
            self.progress(number, len(sources))
        for source, blocks in self._identified(came):
            there = self.there.get(source.path)
            if there is not None and self.onto is not None:
                self._asked(source, self._renewed(source, there, blocks).blocks)
            else:
                self._asked(source, blocks)
        self._tell_gone()
        self.report.remarks += self.manuscript.remarks
        return self.report

    def write(self) -> Report:
        """Write it, whole or not at all."""
        self._prepare()
        try:
            with outbox.suspended(), transaction.atomic():
                self._find()
                if self.report.locked:
                    problems = [f"{title}: is in review or locked" for title in self.report.locked]
                    raise ImportProblem(self.manuscript.name, problems)
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
        came = {source.path: self._convert(source) for source in sources}
        for number, (source, blocks) in enumerate(self._identified(came), start=1):
            self._body(source, fresh[self.pages[source.path].pk], came[source.path], blocks)
            self.progress(len(sources) + number, total)
        self.report.guidebook = GuidebookPage.objects.get(pk=self.pages[self.manuscript.cover.path].pk)
        self._tell_gone()

    # What is there already ---------------------------------------------------------------------

    def _find(self) -> None:
        """Find the pages that were made of earlier versions, by path and by likeness."""
        cover = self.manuscript.cover
        book = self.onto
        if book is None:
            beside = GuidebookPage.objects.child_of(HubPage.objects.get(pk=self.parent.pk))
            book = beside.filter(imported_from=self.manuscript.name).first()
        if book is None:
            return
        self.there[cover.path] = book
        chapters = {
            page.imported_from: page
            for page in ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False)).order_by("path")
            if page.imported_from
        }
        self.origins = Origin.objects.in_bulk([book.pk, *(page.pk for page in chapters.values())])
        paths = [source.path for source in self.manuscript.sources if source is not cover]
        found = {path: path for path in paths if path in chapters}
        if self.onto is not None:
            old = [Chapter(path, page.title, self._words_of(page)) for path, page in chapters.items()]
            new = [
                Chapter(source.path, source.title, words(self.targets.first(source).blocks))
                for source in self.manuscript.sources
                if source is not cover
            ]
            found = same_chapters(old, new)
        self.there |= {path: chapters[former] for path, former in found.items()}
        self.pictures.known = {digest: pk for origin in self.origins.values() for digest, pk in origin.pictures.items()}
        if self.onto is not None:
            touched = [*self.there.values()]
            self.report.locked = [page.title for page in touched if page.locked or page.workflow_in_progress]

    def _words_of(self, page: ChapterPage) -> str:
        origin = self.origins.get(page.pk)
        return words(origin.blocks if origin else raw(page))

    def _tell_gone(self) -> None:
        book = self.there.get(self.manuscript.cover.path) or self.report.guidebook
        if book is None:
            return
        known = {page.pk for page in [*self.there.values(), *self.pages.values()]}
        below = ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False))
        gone = [page for page in below if page.imported_from and page.pk not in known]
        self.report.gone = sorted(page.imported_from for page in gone)
        self.report.gone_pages = {page.pk: page.title for page in gone}

    def _identified(self, came: Mapping[str, Converted]) -> list[tuple[Source, list[Block]]]:
        """The blocks of each source with the ids of what they were before, and links that lead there."""
        given: list[tuple[Source, list[Block]]] = []
        names: dict[int, dict[str, str]] = {}
        for source in self.manuscript.sources:
            page = self.there.get(source.path)
            former: list[Block] = []
            if page is not None:
                origin = self.origins.get(page.pk)
                former = origin.blocks if origin else raw(page)
            blocks = identified(came[source.path].blocks, former)
            if self.choices is not None:
                blocks = self._undecided(blocks, by_id(former))
            if page is not None:
                names[page.pk] = renamed(came[source.path].blocks, blocks)
            given.append((source, blocks))
        return [
            (source, relinked(blocks, names, (page.pk if (page := self._known(source)) else 0)))
            for source, blocks in given
        ]

    def _known(self, source: Source) -> GuidebookPage | ChapterPage | None:
        return self.there.get(source.path) or self.pages.get(source.path)

    # Pages -----------------------------------------------------------------------------------

    def _page(self, source: Source) -> GuidebookPage | ChapterPage:
        """The page of a file: the one made of it before, or a new one."""
        there = self.there.get(source.path)
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

    def _convert(self, source: Source) -> Converted:
        page = self._known(source)
        audience, group = (page.audience, page.working_group) if page else self._readers(source)
        found = self.addresses.setdefault(source.path, {})

        def image(src: str, alt: str) -> Any:
            picture = self.pictures.find(source, src, alt, audience, group)
            if picture is not None:
                found.setdefault(picture.pk, src)
            return picture

        converted = self.manuscript.convert(source, self.targets, image)
        length = len(json.dumps(converted.blocks, ensure_ascii=False))
        if length > LONG:
            converted.remarks.append(
                f"is long for one page ({length // 1000} KB with its marks); readers on poor lines "
                "will thank you for two"
            )
        there = self.there.get(source.path)
        self.report.chapters.append(
            ChapterReport(
                source.path,
                source.title,
                Counter(converted.counts.before),
                Counter(converted.counts.after),
                Counter(converted.counts.lost),
                [*source.remarks, *map(self._with_reason, converted.remarks)],
                above=source.above,
                page=there.pk if there is not None else None,
                title_here=there.title if there is not None else "",
            )
        )
        return converted

    def _undecided(self, blocks: Any, former: Mapping[str, Block]) -> Any:
        """A picture without words is no decoration until somebody says so."""

        def undecided(block: Block) -> Block:
            value, was = block["value"], former.get(block["id"], block)["value"]
            is_decoration = block["id"] in former and not was.get("alt") and bool(was.get("decorative"))
            return {**block, "value": {**value, "decorative": is_decoration}}

        return for_pictures(blocks, lambda block: block if block["value"]["alt"] else undecided(block))

    def _described(self, source: Source, blocks: list[Block]) -> list[Block]:
        """The blocks with the words that somebody found for their pictures."""
        found = self.addresses.get(source.path, {})
        alts = self.choices.alts if self.choices else {}

        def described(block: Block) -> Block:
            said = alts.get(f"{source.path}|{found.get(block['value']['image'], '')}")
            if said is None or block["value"]["alt"]:
                return block
            return {**block, "value": {**block["value"], "alt": said[:2000], "decorative": not said}}

        given: list[Block] = for_pictures(blocks, described)
        return given

    def _asked(self, source: Source, blocks: list[Block]) -> None:
        """Note in the report which pictures nobody has found words for."""
        found = self.addresses.get(source.path, {})
        asked: list[str] = []

        def ask(block: Block) -> Block:
            if not block["value"]["alt"] and not block["value"].get("decorative") and block["value"]["image"] in found:
                asked.append(found[block["value"]["image"]])
            return block

        for_pictures(blocks, ask)
        self._told(source).asked.extend(dict.fromkeys(asked))

    def _told(self, source: Source) -> ChapterReport:
        return next(chapter for chapter in self.report.chapters if chapter.path == source.path)

    def _with_reason(self, remark: str) -> str:
        """A picture that is there but was not taken is missing for a reason."""
        missing, colon, src = remark.partition(": ")
        reason = self.pictures.reasons.get(src) if missing == "picture missing" and colon else None
        return f"picture not taken, {reason}: {src}" if reason else remark

    def _renewed(self, source: Source, page: GuidebookPage | ChapterPage, blocks: list[Block]) -> Merged:
        """The blocks a page gets of a new version, its edits kept; what that changes is in the report."""
        origin = self.origins.get(page.pk)
        now = page.get_latest_revision_as_object()
        base: list[Block] | None = origin.blocks if origin else None
        if base is None and page.imported_body == digest_of_body(now):
            base = raw(now)  # nobody has touched it since
        keep = self.choices.keep if self.choices else None
        result = merged(base, raw(now), self._described(source, blocks), keep)
        self._told(source).changes.extend(result.changes)
        self._told(source).moved = result.moved
        return result

    def _body(
        self, source: Source, page: GuidebookPage | ChapterPage, converted: Converted, blocks: list[Block]
    ) -> None:
        digest = digest_of([source.title, source.summary, converted.blocks])
        is_new = not page.imported_text
        if page.imported_text == digest and not (self.choices and self.onto):
            self.report.unchanged += 1
            return
        if is_new:
            page.title, page.summary = self._title(source), source.summary
            page.body = self._described(source, blocks)  # type: ignore[assignment]
            self._remember(source, page, digest, blocks)
            make_renditions(page.body)
            page.save()
            if self.choices is not None:
                page.save_revision(user=self.user, clean=False)
            return
        now = page.get_latest_revision_as_object()
        if self.onto is None and page.imported_body != digest_of_body(now):
            self.report.left.append(source.path)
            return
        result = self._renewed(source, page, blocks)
        origin = self.origins.get(page.pk)
        wanted = self.choices.titles.get(source.path, "").strip() if self.choices else ""
        title = wanted or chosen(origin.title if origin else now.title, now.title, source.title)[0]
        summary = chosen(origin.summary if origin else now.summary, now.summary, source.summary)[0]
        if self.onto is not None and not result.is_news and (title, summary) == (now.title, now.summary):
            self._remember(source, page, digest, blocks)
            self._store(page)
            self.report.unchanged += 1
            return
        now.title, now.summary = title[:255], summary
        now.body = result.blocks
        make_renditions(now.body)
        self._remember(source, now, digest, blocks)
        if not now.live:
            now.save(clean=False)
        revision = now.save_revision(user=self.user, log_action=True, clean=self.onto is None)
        if self.publish and now.live:
            revision.publish(user=self.user, skip_permission_checks=True)
        self._store(now)
        self.report.updated += 1

    def _remember(self, source: Source, page: GuidebookPage | ChapterPage, digest: str, blocks: list[Block]) -> None:
        page.imported_text, page.imported_body = digest, digest_of_body(page)
        said = {"title": source.title[:255], "summary": source.summary, "blocks": blocks}
        Origin.objects.update_or_create(
            page_id=page.pk, defaults={**said, "pictures": self.pictures.taken.get(source.path, {})}
        )

    @staticmethod
    def _store(page: GuidebookPage | ChapterPage) -> None:
        columns = {"imported_text": page.imported_text, "imported_body": page.imported_body}
        type(page).objects.filter(pk=page.pk).update(**columns)


def for_pictures(value: Any, deed: Callable[[Block], Block]) -> Any:
    """Blocks with a deed done to each figure that has a picture, in boxes and steps too."""
    if isinstance(value, list):
        return [for_pictures(part, deed) for part in value]
    if isinstance(value, dict):
        if value.get("type") == "figure" and isinstance(value.get("value"), dict):
            return deed(value) if value["value"].get("image") else value
        return {name: for_pictures(part, deed) for name, part in value.items()}
    return value


def by_id(value: Any) -> dict[str, Block]:
    """All blocks, those inside others too, by their ids."""
    if isinstance(value, list):
        return {number: block for part in value for number, block in by_id(part).items()}
    if isinstance(value, dict):
        own = {value["id"]: value} if "type" in value and value.get("id") else {}
        return own | {number: block for part in value.values() for number, block in by_id(part).items()}
    return {}


def raw(page: GuidebookPage | ChapterPage) -> list[Block]:
    """The blocks of a page as they are stored."""
    blocks: list[Block] = page.body.stream_block.get_prep_value(page.body)
    return blocks


def digest_of(what: Any) -> str:
    """A SHA-256 of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()


def digest_of_body(page: GuidebookPage | ChapterPage) -> str:
    """The digest of what a page holds now: title, summary and body."""
    return digest_of([page.title, page.summary, raw(page)])
