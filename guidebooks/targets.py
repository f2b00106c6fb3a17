"""Where the links of imported files lead: to other files of the folder, to places in them, or out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from core.directives import slug_of_term
from core.html_words import loose
from core.markdown import Converted
from guidebooks.manuscript import Source, words_of

SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")
TARGET = re.compile(r"^\(([^)\n]+)\)=", re.M)
REFERENCE = re.compile(r"^(ref|numref|any|term|doc|download):(.+)$", re.S)


@dataclass
class Targets:
    """All that can be linked to in the files of one folder.

    Args:
        root: Name of the folder: a link may lead out of it and back in.
        site: Address of the site they come from, for links that lead out of the folder.
        link: Is asked about such links first.
        waits: Becomes true where a link leads to a page that has yet to be made.
    """

    root: str = ""
    site: str = ""
    link: Callable[[str], str | None] | None = None
    waits: bool = False
    _sources: dict[str, Source] = field(default_factory=dict)
    _first: dict[str, Converted] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)
    _labels: dict[str, tuple[str, str]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _ids: dict[str, int] = field(default_factory=dict)

    def add(self, source: Source, first: Converted) -> None:
        """Take up a source after its first read, with its title and the places in it."""
        source.title = source.title or first.title or words_of(source.name)
        self._sources[source.path] = source
        self._first[source.path] = first
        self._addresses.setdefault(_key(source.path), source.path)
        permalink = source.front.fields.get("permalink")
        if isinstance(permalink, str):
            self._addresses.setdefault(_key(permalink), source.path)
        for other in _list(source.front.fields.get("redirect_from")):
            self._addresses.setdefault(_key(other), source.path)
        # What stands before the title names the page; the title is no longer in the text.
        top = source.text.partition("\n# ")[0] if first.title else ""
        for name in TARGET.findall(top):
            self._label(name, source.path, "", source.title)
        for name, anchor in first.targets.items():
            self._label(name, source.path, anchor, first.names.get(name, ""))

    def _label(self, name: str, path: str, anchor: str, words: str) -> None:
        self._labels.setdefault(name, (path, anchor))
        for kind in ("ref", "numref", "any"):
            self._names.setdefault(f"{kind}:{name}", words or name)

    def first(self, source: Source) -> Converted:
        """What the first read of a source gave."""
        return self._first[source.path]

    def place(self, source: Source, page_id: int) -> None:
        """Say which page a file has become."""
        self._ids[source.path] = page_id

    @property
    def names(self) -> Mapping[str, str]:
        """Words for each place that can be linked to, by the reference that names it."""
        return self._names

    def link_from(self, source: Source) -> Callable[[str], str | None]:
        """Gives where an address in the text of a source leads: a URL, ``page:<id>#<anchor>`` or None."""
        return lambda address: self._address(source, address)

    def _address(self, source: Source, address: str) -> str | None:
        reference = REFERENCE.match(address)
        if reference:
            return self._reference(source, reference[1], reference[2].strip())
        if address.startswith(("http:", "https:", "mailto:", "tel:")):
            return address
        if SCHEME.match(address) and not re.match(r"^[\w-]+\.md\b", address):
            return self.link(address) if self.link else address
        if address.startswith("//"):
            return f"https:{address}"
        found = self._find(source, address)
        if found is not None:
            return found
        if self.link is not None:
            known = self.link(address)
            if known is not None:
                return known
        if self.site:
            base = urljoin(self.site, str(source.front.fields.get("permalink") or ""))
            return urljoin(base, address)
        return None

    def _find(self, source: Source, address: str) -> str | None:
        split = urlsplit(address)
        path, anchor = unquote(split.path), unquote(split.fragment)
        if not path:
            return None
        permalink = source.front.fields.get("permalink")
        tries = []
        if not path.startswith("/"):
            below = posixpath.join(self.root, posixpath.dirname(source.path), path)
            tries.append(posixpath.normpath(below).removeprefix(f"{self.root}/"))
        # Sites show "a/b.md" at "/a/b/", so that "../c/" is a neighbour.
        own = permalink if isinstance(permalink, str) else f"/{source.path.removesuffix('.md')}/"
        tries += [urljoin(own, path), path.lstrip("/"), f"{source.path.removesuffix('.md')}/{path}"]
        for attempt in tries:
            found = self._addresses.get(_key(attempt))
            if found is not None:
                return self._page(found, anchor)
        return None

    def _page(self, path: str, anchor: str = "") -> str:
        if anchor:
            targets: Mapping[str, str] = self._first[path].targets
            known = targets.get(anchor) or {loose(k): v for k, v in targets.items()}.get(loose(anchor))
            anchor = known or ""
        number = self._ids.get(path, 0)
        self.waits |= not number
        return f"page:{number}" + (f"#{anchor}" if anchor else "")

    def _reference(self, source: Source, kind: str, name: str) -> str | None:
        if kind == "term":
            name = slug_of_term(name)
        if kind in {"doc", "download"}:
            return self._find(source, name)
        found = self._labels.get(name)
        if found is None and kind == "term":
            found = self._labels.get(name.removesuffix("s"))
        if found is None:
            return self._find(source, name)
        path, anchor = found
        return f"#{anchor}" if path == source.path and anchor else self._page(path, anchor)


def _key(address: str) -> str:
    """An address without what does not matter: extension, index, slashes at the ends, case."""
    path = posixpath.normpath("/" + address.strip().lstrip("/")).lower()
    path = re.sub(r"\.(?:md|html?|ipynb)$", "", path)
    path = re.sub(r"/(?:index|readme)$", "", path)
    return path.strip("/")


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
