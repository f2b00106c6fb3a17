"""The YAML between two lines of ``---`` at the top of a Markdown file."""

from __future__ import annotations

import re
from typing import Any

import yaml
from django.utils.translation import gettext as _

OPENING = re.compile(r"\A\ufeff?---[ \t]*\r?\n")
CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


class _Plain(yaml.SafeLoader):
    """Without aliases: ten lines of them are a list of a thousand million items once it is written out."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            where = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, _("write it out: names with * are not read here"), where)
        return super().compose_node(parent, index)


def plain(text: str) -> Any:
    """What a piece of YAML from a stranger says.

    Raises:
        yaml.YAMLError: it cannot be read, or one part of it stands for another.
    """
    return yaml.load(text, Loader=_Plain)


class FrontMatterError(ValueError):
    """The front matter cannot be read. The message names the line of the file.

    Args:
        line: Number of that line, from 1.
    """

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(_("line %(line)d: %(problem)s") % {"line": line, "problem": problem})
        self.line = line


def read(text: str) -> tuple[dict[str, Any], str]:
    """Give the front matter and what follows it. Without front matter the dict is empty.

    Raises:
        FrontMatterError: it is not closed, is no YAML, or is no list of ``name: value``.

    >>> read("---\\ntitle: Housing\\n---\\nA key.")
    ({'title': 'Housing'}, 'A key.')
    """
    opening = OPENING.match(text)
    if opening is None:
        return {}, text.removeprefix("\ufeff")
    closing = CLOSING.search(text, opening.end())
    if closing is None:
        raise FrontMatterError(_("the front matter is opened with --- and never closed"), 1)
    try:
        data = plain(text[opening.end() : closing.start()])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None)
        problem = _("this is no YAML (%(problem)s)") % {"problem": said} if said else _("this is no YAML")
        raise FrontMatterError(problem, mark.line + 2 if mark else 2) from error
    except (ValueError, RecursionError) as error:
        # Impossible dates such as 2026-02-30, and nesting without end.
        raise FrontMatterError(_("a value cannot be read (%(problem)s)") % {"problem": error}, 2) from error
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise FrontMatterError(_("expected lines of the form name: value"), 2)
    return {str(name): value for name, value in data.items()}, text[closing.end() :]
