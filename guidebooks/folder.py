"""A folder of Markdown files read as a book: which file stands where, under which title.

A folder's own text is its ``index.md`` (or ``README.md``), the file of its name beside it
(``interviews.md`` for ``interviews/``) or in it (``security/security.md``). A folder without one
becomes a chapter that only holds its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from django.utils.formats import number_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import frontmatter
from core.html_words import loose
from core.imported import Front, too_large, too_long
from core.markdown import Converted, blocks_from_markdown
from guidebooks.manuscript import OF_FOLDER, FindImage, Picture, Source, words_of
from guidebooks.targets import Targets

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes of one file; a long book in one file has about one million."""
MOST_FILES = 2000

SENTENCE = 40
"""Characters from which a value of the front matter is taken for a sentence."""

COVERS = ("index", "readme", "welcome")
TOC = ("_toc.yml", "_toc.yaml", "toc.yml")
# Titles of a first page that say nothing about the book.
GENERAL = {"introduction", "overview", "home", "index", "welcome", "about", "about this guide", "readme"}


@dataclass
class Folder:
    """All sources of a folder: the cover first, the others in reading order, each after what it is in."""

    root: Path
    name: str
    sources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    assets: Path | None = None
    _titled: set[str] = field(default_factory=set)

    @property
    def cover(self) -> Source:
        """The first page of the book."""
        return self.sources[0]

    @classmethod
    def read(
        cls, root: Path, language: str, *, title: str = "", flat: bool = False, assets: Path | None = None
    ) -> Folder:
        """Read a folder. What cannot be read is in ``problems``; nothing is raised for it.

        Args:
            language: A folder such as ``first-talks.de`` is the German version of ``first-talks``.
            assets: Folder of further pictures, for addresses that lead there or begin with a slash.
        """
        folder = cls(root, root.name.removesuffix(f".{language}"), assets=assets)
        if not root.is_dir():
            folder.problems.append(_("there is no such folder"))
            folder.sources = [Source("", Front({}, root.name), is_cover=True, title=root.name)]
            return folder
        found = {source.path: source for source in folder._files(flat)}
        cover = folder._take_cover(found, title)
        toc = folder._toc()
        if toc:
            folder._by_toc(found, cover, toc)
        else:
            folder._by_place(found, cover)
        return folder

    def look(self, source: Source) -> Converted:
        """Read a file once, to know its title and the places in it.

        Raises:
            ValueError: the text is too long.
        """
        converted = blocks_from_markdown(source.text, page=source.front.fields, take_title=True)
        if source.title and converted.title and loose(converted.title) != loose(source.title):
            # The heading says something else than the title: it is part of the text.
            return blocks_from_markdown(source.text, page=source.front.fields)
        if converted.title:
            self._titled.add(source.path)
        return converted

    def convert(self, source: Source, targets: Targets, image: FindImage) -> Converted:
        """Turn a file into blocks, with its links to where they lead."""
        return blocks_from_markdown(
            source.text,
            link=targets.link_from(source),
            image=image,
            page=source.front.fields,
            names=targets.names,
            take_title=source.path in self._titled,
        )

    def picture(self, source: Source, src: str) -> Picture | None:
        """A file of the folder or of ``assets``; nothing else of the machine is read, nothing fetched."""
        split = urlsplit(src)
        if split.scheme or split.netloc:
            return None
        path = unquote(split.path)
        here = (self.root / source.path).parent
        tries = [here / path.lstrip("/"), self.root / path.lstrip("/")]
        allowed = [self.root.resolve()]
        if self.assets is not None:
            inside = path.lstrip("/")
            tries += [self.assets / inside, self.assets.parent / inside]
            tries.append(self.assets / inside.removeprefix(f"{self.assets.name}/"))
            allowed.append(self.assets.resolve())
        for attempt in tries:
            try:
                found = attempt.resolve()
                if found.is_file() and any(found.is_relative_to(folder) for folder in allowed):
                    return Picture(found.name, found.stat().st_size, found.read_bytes)
            except (OSError, ValueError):
                continue
        return None

    def _files(self, flat: bool) -> Iterator[Source]:
        paths = sorted(self.root.glob("*.md") if flat else self.root.rglob("*.md"))
        paths = [path for path in paths if not any(p.startswith(".") for p in path.relative_to(self.root).parts)]
        if len(paths) > MOST_FILES:
            words = ngettext(
                "holds %(number)s file; at most %(most)s are read",
                "holds %(number)s files; at most %(most)s are read",
                len(paths),
            )
            number, most = (number_format(number, force_grouping=True) for number in (len(paths), MOST_FILES))
            self.problems.append(words % {"number": number, "most": most})
            paths = []
        for path in paths:
            name = path.relative_to(self.root).as_posix()
            if not path.resolve().is_relative_to(self.root.resolve()):
                self.problems.append(_("%(name)s: leads out of the folder") % {"name": name})
                continue
            source = self._file(path, name)
            if source is not None:
                yield source

    def _file(self, path: Path, name: str) -> Source | None:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            self.problems.append(f"{name}: {too_large(size, number_format(LARGEST_FILE, force_grouping=True))}")
            return None
        data = path.read_bytes()
        try:
            fields, text = frontmatter.read(data.decode("utf-8"))
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            self.problems.append(_("%(name)s: line %(line)d: is not UTF-8 text") % {"name": name, "line": line})
            return None
        except frontmatter.FrontMatterError as error:
            self.problems.append(f"{name}: {error}")
            return None
        if fields.get("permalink") is False and not _visible(text):
            self.remarks.append(_("%(name)s: has no page of its own and was left out.") % {"name": name})
            return None
        front = Front(fields, name)
        own = front.fields.get("title")
        title = " ".join(str(own).split()) if isinstance(own, str | int | float) else ""
        if len(title) > 255:
            front.problem("title", too_long(len(title), 255))
        source = Source(name, front, text, title=title, order=_order(fields, path.stem))
        if title:
            _tell_what_the_front_matter_says(source)
        return source

    def _take_cover(self, found: dict[str, Source], title: str) -> Source:
        """The first page: the folder's own file, or one without text."""
        by_hand = title
        names = [name for name in found if "/" not in name]
        stems = [*COVERS, self.name.lower()]
        chosen = min(
            (name for name in names if PurePosixPath(name).stem.lower() in stems),
            key=lambda name: stems.index(PurePosixPath(name).stem.lower()),
            default=None,
        )
        cover = found.pop(chosen) if chosen else Source("", Front({}, self.name))
        if not title and cover.title.lower() in GENERAL | {""}:
            title = words_of(self.name)
        cover.title = title or cover.title
        cover.is_cover = True
        # Its address is the folder's, or what it was called by hand.
        slug = slugify(by_hand) or self.name
        cover.front = Front({"slug": slug, **cover.front.fields}, cover.front.where)
        return cover

    # By folders and names --------------------------------------------------------------------

    def _by_place(self, found: dict[str, Source], cover: Source) -> None:
        landings: dict[str, Source] = {"": cover}
        folders = sorted({parent for path in found for parent in _folders(path)}, key=_depth)
        for folder in folders:
            name = folder.rsplit("/", 1)[-1]
            candidates = [
                *(f"{folder}/{stem}.md" for stem in OF_FOLDER),
                f"{folder}/README.md",
                f"{folder}.md",
                f"{folder}/{name}.md",
            ]
            landing = next((found[path] for path in candidates if path in found), None)
            if landing is None:
                landing = Source(f"{folder}/", Front({}, folder), title=words_of(name))
                landing.order = _order({}, name)
                found[landing.path] = landing
            landings[folder] = landing
        below: dict[str, list[Source]] = {}
        for source in found.values():
            source.above = self._above(source, landings)
            below.setdefault(source.above, []).append(source)
        self._lay_out(cover, below)

    @staticmethod
    def _above(source: Source, landings: dict[str, Source]) -> str:
        folder = source.path.rstrip("/")
        while folder:
            folder = folder.rpartition("/")[0]
            landing = landings[folder]
            if landing is not source:
                return landing.path
        return landings[""].path

    def _lay_out(self, cover: Source, below: dict[str, list[Source]]) -> None:
        def walk(source: Source) -> Iterator[Source]:
            yield source
            for part in sorted(below.get(source.path, []), key=lambda part: part.order):
                yield from walk(part)

        self.sources = list(walk(cover))

    # By a table of contents ------------------------------------------------------------------

    def _toc(self) -> list[Any]:
        for name in TOC:
            path = self.root / name
            if path.is_file():
                try:
                    data = frontmatter.plain(path.read_text(encoding="utf-8"))
                except (yaml.YAMLError, UnicodeDecodeError) as error:
                    mark = getattr(error, "problem_mark", None)
                    words = _("%(name)s: line %(line)d: is no YAML")
                    self.problems.append(words % {"name": name, "line": mark.line + 1 if mark else 1})
                    return []
                return data if isinstance(data, list) else [data] if isinstance(data, dict) else []
        return []

    def _by_toc(self, found: dict[str, Source], cover: Source, toc: list[Any]) -> None:
        below: dict[str, list[Source]] = {}
        placed: set[str] = set()

        def place(entries: Any, above: str) -> None:
            for entry in entries if isinstance(entries, list) else []:
                if not isinstance(entry, dict):
                    continue
                name = str(entry.get("file") or entry.get("root") or "").removesuffix(".md")
                source = found.get(f"{name}.md")
                here = above
                if source is not None and source.path not in placed:
                    placed.add(source.path)
                    if isinstance(entry.get("title"), str) and not source.title:
                        source.title = entry["title"]
                    source.above, here = above, source.path
                    source.order = (len(below.setdefault(above, [])),)
                    below[above].append(source)
                elif name and source is None and f"{name}.md" != cover.path:
                    remark = _("The table of contents names “%(name)s”, which is not there.")
                    self.remarks.append(remark % {"name": name})
                for key in ("parts", "chapters", "sections"):
                    place(entry.get(key), here)

        place(toc, cover.path)
        rest = sorted(set(found) - placed)
        for path in rest:
            remark = _("%(name)s: is not in the table of contents; it stands at the end.")
            self.remarks.append(remark % {"name": path})
            found[path].above = cover.path
            below.setdefault(cover.path, []).append(found[path])
            found[path].order = (len(below[cover.path]),)
        self._lay_out(cover, below)


def _order(fields: dict[str, Any], stem: str) -> tuple[Any, ...]:
    """What a source is sorted by among its neighbours: a number it gives itself, then its name."""
    navigation = fields.get("eleventyNavigation")
    number = fields.get("order", fields.get("nav_order", fields.get("weight")))
    if number is None and isinstance(navigation, dict):
        number = navigation.get("order")
    if isinstance(number, str) and re.fullmatch(r"-?\d+(?:\.\d+)?", number.strip()):
        number = float(number)
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    value = float(number) if isinstance(number, int | float) else 0.0
    parts = [
        (0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part)
        for part in re.split(r"(\d+)", stem.lower())
        if part
    ]
    return (0 if is_number else 1, value, parts)


def _tell_what_the_front_matter_says(source: Source) -> None:
    """Set sentences that stand in the front matter, where a site's own layout showed them, on top.

    Such as ``method: {why: "…", timeRequired: "…"}``: a group of fields of which one is a sentence.
    """
    for name, group in source.front.fields.items():
        if not isinstance(group, dict):
            continue
        said = {key: " ".join(value.split()) for key, value in group.items() if isinstance(value, str)}
        said = {key: value for key, value in said.items() if value not in (source.title, source.summary)}
        if any(len(value) >= SENTENCE for value in said.values()):
            lines = "\n\n".join(f"**{_label(key)}:** {value}" for key, value in said.items())
            source.text = f"::: callout {_label(name)}\n{lines}\n:::\n\n{source.text}"
            remark = _("What the front matter says under “%(name)s” stands in a box on top.")
            source.remarks.append(remark % {"name": name})


def _label(name: Any) -> str:
    return words_of(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name)).lower())


def _visible(text: str) -> str:
    text = re.sub(r"\{%-?\s*comment.*?endcomment\s*-?%\}", "", text, flags=re.S)
    return re.sub(r"<!--.*?-->", "", text, flags=re.S).strip()


def _folders(path: str) -> Iterator[str]:
    parts = path.rstrip("/").split("/")[:-1]
    for length in range(1, len(parts) + 1):
        yield "/".join(parts[:length])


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path
