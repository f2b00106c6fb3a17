"""The paragraphs, tables and pictures of a chapter put together: lists, quotes, captions, boxes, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby


@dataclass
class Piece:
    """A paragraph, table or picture on its way.

    Args:
        kind: ``text``, ``heading``, ``item`` (of a list), ``more`` (text that belongs to the item before),
            ``tick``, ``quote``, ``code``, ``table``, ``figure``, ``caption``, ``box``.
        html: What is in it; of a figure, the picture; of a table, its rows.
        level: Of a heading, from 1; of an item, from 0.
        ordered, number, list_id: Of an item: whether the list is numbered, the item's number, which list.
        anchors: Names that links lead to.
        link: Where a picture leads.
        caption: Of a table or picture.
    """

    kind: str
    html: str = ""
    level: int = 0
    ordered: bool = False
    number: int = 1
    list_id: str = ""
    anchors: list[str] = field(default_factory=list)
    link: str = ""
    caption: str = ""


def html_of(pieces: list[Piece], *, in_cell: bool = False, anchors: list[str] | None = None) -> str:
    """The HTML of some pieces.

    Args:
        in_cell: A cell of a table holds text, plain lists and nothing else.
        anchors: Takes the names that links lead to, instead of the HTML: of what stands in one block.
    """
    done = []
    together = _with_captions(_with_more(pieces))
    for kind, group in groupby(together, key=lambda piece: _together(piece, in_cell)):
        run = list(group)
        names = [name for piece in run for name in piece.anchors]
        if anchors is None:
            done += [f'<a id="{escape(name)}"></a>' for name in names]
        else:
            anchors += names
        if kind == "list":
            done.append("".join(_cell_list(run) if in_cell else map(_list, _lists(run))))
        elif kind == "ticks":
            box = '<li class="task-list-item"><input type="checkbox"> '
            done.append(f"<ul>{''.join(f'{box}{piece.html}</li>' for piece in run)}</ul>")
        elif kind == "quote":
            done.append(f"<blockquote>{''.join(f'<p>{piece.html}</p>' for piece in run)}</blockquote>")
        elif kind == "code":
            lines = "\n".join(piece.html.replace("<br>", "\n") for piece in run)
            done.append(f"<pre>{lines}</pre>")
        else:
            done += [_one(piece, in_cell) for piece in run]
    return "".join(done)


def _together(piece: Piece, in_cell: bool) -> str:
    """What stands together with others of its kind."""
    if piece.kind == "item":
        return "list"
    if piece.kind in {"tick", "quote", "code"} and not in_cell:
        return {"tick": "ticks"}.get(piece.kind, piece.kind)
    # One by one, so that names stand right before what they name.
    return f"{piece.kind} {id(piece)}"


def _one(piece: Piece, in_cell: bool) -> str:
    if piece.kind == "heading":
        return (
            f"<p><b>{piece.html}</b></p>"
            if in_cell
            else f"<h{min(piece.level, 6)}>{piece.html}</h{min(piece.level, 6)}>"
        )
    if piece.kind == "figure":
        return _figure(piece)
    if piece.kind == "table":
        caption = f"<caption>{piece.caption}</caption>" if piece.caption else ""
        return f"<table>{caption}{piece.html}</table>"
    if piece.kind == "box":
        return piece.html if in_cell else f'<div data-box="note" data-title="">{piece.html}</div>'
    if piece.kind == "tick":
        return f"<p>☐ {piece.html}</p>"
    return f"<p>{piece.html}</p>"


def _figure(piece: Piece) -> str:
    if not piece.caption:
        picture = f'<a href="{escape(piece.link)}">{piece.html}</a>' if piece.link else piece.html
        return f"<p>{picture}</p>"
    words = piece.link.removeprefix("https://").removeprefix("http://")
    more = f' <a href="{escape(piece.link)}">{escape(words, quote=False)}</a>' if piece.link else ""
    return f"<figure>{piece.html}<figcaption>{piece.caption}{more}</figcaption></figure>"


# Captions and texts that belong to what stands before ------------------------------------------


def _with_more(pieces: Iterable[Piece]) -> list[Piece]:
    """Text that goes on within an item of a list, put into the item."""
    done: list[Piece] = []
    for piece in pieces:
        if piece.kind == "more" and done and done[-1].kind == "item":
            done[-1].html += f"<p>{piece.html}</p>"
            done[-1].anchors += piece.anchors
        else:
            done.append(piece)
    return done


def _with_captions(pieces: list[Piece]) -> list[Piece]:
    """Each caption in the picture or table it belongs to; one that has none stays text."""
    done: list[Piece] = []
    waiting: Piece | None = None
    for place, piece in enumerate(pieces):
        if waiting is not None:
            piece.caption = waiting.html
            piece.anchors = [*waiting.anchors, *piece.anchors]
            waiting = None
        if piece.kind != "caption":
            done.append(piece)
            continue
        before = done[-1] if done else None
        after = pieces[place + 1] if place + 1 < len(pieces) else None
        free = before is not None and before.kind in {"figure", "table"} and not before.caption
        if before is not None and free and (before.kind == "figure" or after is None or after.kind != "table"):
            before.caption = piece.html
            before.anchors += piece.anchors
        elif after is not None and after.kind in {"table", "figure"}:
            waiting = piece
        else:
            done.append(piece)
    return done


# Lists -----------------------------------------------------------------------------------------


@dataclass
class _List:
    ordered: bool
    level: int
    items: list[_Item]


@dataclass
class _Item:
    html: str
    number: int
    inner: list[_List] = field(default_factory=list)


def _lists(items: list[Piece]) -> list[_List]:
    """Items of a list as lists in lists. A list that goes on after another one keeps counting."""
    top: list[_List] = []
    line: list[_List] = []
    for piece in items:
        while line and line[-1].level > piece.level:
            line.pop()
        now = line[-1] if line and line[-1].level == piece.level else None
        if now is not None and now.ordered == piece.ordered:
            follows = not piece.ordered or piece.number == now.items[-1].number + 1
            if follows:
                now.items.append(_Item(piece.html, piece.number))
                continue
        if now is not None:
            line.pop()
        made = _List(piece.ordered, piece.level, [_Item(piece.html, piece.number)])
        (line[-1].items[-1].inner if line else top).append(made)
        line.append(made)
    return top


def _list(made: _List) -> str:
    items = "".join(f"<li>{item.html}{''.join(map(_list, item.inner))}</li>" for item in made.items)
    first = made.items[0].number
    start = f' start="{first}"' if made.ordered and first != 1 else ""
    return f"<ol{start}>{items}</ol>" if made.ordered else f"<ul>{items}</ul>"


def _cell_list(items: list[Piece]) -> Iterator[str]:
    """A list in a cell. One that cannot stand there keeps its numbers as text."""
    for made in _lists(items):
        if made.ordered and made.items[0].number != 1:
            yield from (f"<p>{item.number}. {item.html}</p>{''.join(map(_list, item.inner))}" for item in made.items)
        else:
            yield _list(made)
