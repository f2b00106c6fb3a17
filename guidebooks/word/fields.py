"""The fields of a Word file: what Word works out itself, such as contents, numbers of pages and links."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

Link = tuple[int, str] | None

SILENT = {"TOC": "contents", "INDEX": "contents", "TOA": "contents", "RD": "", "TC": "", "XE": "", "TA": ""}
"""Fields whose result is not taken, with the code of the remark on it."""
NAMES = {"AUTHOR", "LASTSAVEDBY", "USERNAME", "USERINITIALS", "USERADDRESS"}
"""Fields that tell who made the file."""
ADDRESS = re.compile(r'\\l\s+"?([^"\s]+)"?|\\[motns]\s*(?:"[^"]*"|[^\s\\"]\S*)?|"([^"]*)"|(\S+)')


@dataclass
class Field:
    """One field: its order to Word, then its result."""

    order: str = ""
    has_result: bool = False
    silent: bool = False
    link: Link = None
    on_link: Callable[[str], Link] | None = None


@dataclass
class Fields:
    """The fields that are open at a place of the text; they may hold one another."""

    open: list[Field] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        """Whether what stands here is no text of the book."""
        return any(each.silent or not each.has_result for each in self.open)

    @property
    def link(self) -> Link:
        """The link that stands here."""
        return next((each.link for each in reversed(self.open) if each.link), None)

    def begin(self, order: str, on_link: Callable[[str], Link]) -> None:
        """A field begins. With an order, its result begins at once."""
        self.open.append(Field(order, on_link=on_link))
        if order:
            self.separate()

    def instruct(self, words: str) -> None:
        """More of the order of the innermost field."""
        if self.open and not self.open[-1].has_result:
            self.open[-1].order += words

    def separate(self) -> None:
        """The order is whole, the result begins."""
        if not self.open or self.open[-1].has_result:
            return
        now = self.open[-1]
        outer = any(each.silent for each in self.open[:-1])
        now.has_result = True
        kind = now.order.split()[0].upper() if now.order.split() else ""
        if kind in SILENT:
            now.silent = True
            if SILENT[kind] and not outer:
                self.remarks.append(SILENT[kind])
        elif kind in NAMES:
            now.silent = True
            self.remarks.append("author-field")
        elif not outer and now.on_link is not None and (address := address_of(now.order)):
            now.link = now.on_link(address)

    def end(self) -> None:
        """The innermost field ends."""
        if self.open:
            self.open.pop()


def address_of(order: str) -> str:
    r"""Where a field leads: a URL, ``#bookmark``, or nothing.

    >>> address_of(r' HYPERLINK "https://a.example/x" \l "part" ')
    'https://a.example/x#part'
    >>> address_of(r"REF _Ref12 \h"), address_of("REF _Ref12"), address_of("PAGE")
    ('#_Ref12', '', '')
    """
    kind, _, rest = order.strip().partition(" ")
    if kind.upper() in {"REF", "PAGEREF", "NOTEREF"}:
        name = rest.split()[0] if rest.split() else ""
        return f"#{name}" if name and re.search(r"\\h\b", rest) else ""
    if kind.upper() != "HYPERLINK":
        return ""
    address = anchor = ""
    for part, quoted, bare in ADDRESS.findall(rest):
        anchor = part or anchor
        address = address or quoted or bare
    return f"{address}#{anchor}" if anchor else address
