"""Worksheets as they are written in Markdown: a fence named ``worksheet`` that holds YAML.

```worksheet
title: My map
instructions: Ten minutes, with a pencil.
fields:
- line: Who would the person call at night?
- text: What do you know for certain?
  rows: 4
- choice: How did you hear of it?
  options: [from the person, from others]
- scale: How safe is the person tonight?
  lowest: not at all
  highest: safe
- table: Who does what
  columns: [what, who, until when]
  rows: 3
```
"""

from __future__ import annotations

from html import escape
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import frontmatter

KINDS = ("line", "text", "choice", "scale", "table")
MOST_FIELDS, LONGEST = 60, 255


def worksheet_from(text: str) -> dict[str, Any]:
    """The raw value of a worksheet's block.

    Raises:
        ValueError: It is no worksheet, in words for the person who imports it.
    """
    try:
        given = frontmatter.plain(text)
    except yaml.YAMLError as error:
        raise ValueError(_("it is no YAML")) from error
    fields = given.get("fields") if isinstance(given, dict) else None
    if not isinstance(fields, list) or not 0 < len(fields) <= MOST_FIELDS:
        raise ValueError(_("it needs a list of fields, at most %(most)d") % {"most": MOST_FIELDS})
    instructions = _words(given.get("instructions"), 2000)
    return {
        "title": _words(given.get("title")),
        "instructions": f"<p>{escape(instructions, quote=False)}</p>" if instructions else "",
        "fields": [_field(field) for field in fields],
    }


def _field(given: Any) -> dict[str, Any]:
    kind = next((kind for kind in KINDS if isinstance(given, dict) and kind in given), "")
    label = _words(given[kind]) if kind else ""
    if not label:
        words = _("a field begins with one of these, and its question: %(kinds)s")
        raise ValueError(words % {"kinds": ", ".join(KINDS)})
    value: dict[str, Any] = {"label": label, "hint": _words(given.get("hint"))}
    if kind == "text":
        value["rows"] = _number(given, "rows", 5, 2, 20)
    elif kind == "choice":
        value |= {"options": _list(given, "options", 2, 20), "several": given.get("several") is True}
    elif kind == "scale":
        value |= {name: _words(given.get(name), 80) for name in ("lowest", "highest")}
        value["steps"] = _number(given, "steps", 5, 2, 10)
    elif kind == "table":
        value |= {"columns": _list(given, "columns", 1, 6), "rows": _number(given, "rows", 4, 1, 20)}
    return {"type": kind, "value": value}


def _words(given: Any, longest: int = LONGEST) -> str:
    if given is None:
        return ""
    if isinstance(given, dict | list) or len(str(given)) > longest:
        words = ngettext(
            "words of at most %(most)d character are wanted", "words of at most %(most)d characters are wanted", longest
        )
        raise ValueError(words % {"most": longest})
    return " ".join(str(given).split())


def _number(given: dict, name: str, usual: int, least: int, most: int) -> int:
    number = given.get(name, usual)
    if type(number) is not int or not least <= number <= most:
        words = _("%(name)s: give a number from %(least)d to %(most)d")
        raise ValueError(words % {"name": name, "least": least, "most": most})
    return number


def _list(given: dict, name: str, least: int, most: int) -> list[str]:
    found = given.get(name)
    if not isinstance(found, list) or not least <= len(found) <= most:
        words = _("%(name)s: give a list with %(least)d to %(most)d entries")
        raise ValueError(words % {"name": name, "least": least, "most": most})
    return [_words(item, 120) for item in found]
