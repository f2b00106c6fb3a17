"""Front matter of imported files read field by field, and the pages made of it.

All rooms read their files through ``Front``: it collects every problem with the name of its field, so
that who imports sees all of them at once, and nothing is saved while there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import frontmatter, lines
from core.access import Audience
from core.forms import BELOW, access_errors
from core.markdown import blocks_from_markdown
from core.models import HubPage, Keyword, Topic
from members.models import WorkingGroup

LARGEST_FILE = 10 * 1024 * 1024  # bytes of one Markdown file; a long book has about one million
LARGEST = "10 MB"


class ImportProblem(ValueError):
    """A file cannot be imported. The message names it and says every problem with its field.

    Args:
        where: The file, or whatever its person knows it by.
        problems: One line each.
    """

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where, self.problems = where, list(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


@dataclass(frozen=True)
class Imported:
    """What became of a file: its page, whether it is new, and what could not be kept as it was."""

    page: Any
    is_new: bool = True
    remarks: list[str] = field(default_factory=list)


@dataclass
class Front:
    """The fields of one file, read with their bounds. Problems are kept until ``check``."""

    fields: Mapping[str, Any]
    where: str
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of_file(cls, path: Path) -> tuple[Front, str]:
        """The fields of a Markdown file and its body.

        Raises:
            ImportProblem: the file cannot be read, is too large, is not UTF-8, or has broken front matter.
        """
        try:
            size = path.stat().st_size
            if size > LARGEST_FILE:
                raise ImportProblem(path.name, [too_large(size, LARGEST)])
            fields, body = frontmatter.read(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise ImportProblem(
                path.name, [_("is not UTF-8 text (byte %(number)d)") % {"number": error.start + 1}]
            ) from error
        except OSError as error:
            raise ImportProblem(path.name, [error.strerror or _("cannot be read")]) from error
        except frontmatter.FrontMatterError as error:
            raise ImportProblem(path.name, [str(error)]) from error
        return cls(fields, path.name), body

    def problem(self, name: str, words: Any) -> None:
        """Keep a problem of one field."""
        self.problems.append(f"{name}: {words}")

    def check(self) -> None:
        """Stop here if anything was wrong.

        Raises:
            ImportProblem: with every problem so far.
        """
        if self.problems:
            raise ImportProblem(self.where, self.problems)

    def text(self, name: str, *, most: int = 10_000, required: bool = False) -> str:
        """Words, without the space around them."""
        value = self.fields.get(name)
        if value is None:
            value = ""
        if isinstance(value, (list, dict)):
            self.problem(name, _("expected text"))
            return ""
        words = str(value).strip().replace("\x00", "\ufffd")
        if required and not words:
            self.problem(name, _("is missing"))
        if len(words) > most:
            self.problem(name, too_long(len(words), most))
        return words[:most]

    def number(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number between two bounds, both included."""
        value = self.fields.get(name)
        if value is None and default is not None:
            return default
        try:
            found = int(str(value))
        except ValueError:
            self.problem(name, _("expected a whole number, found %(value)r") % {"value": value})
            return least
        if not least <= found <= most:
            words = _("%(number)d is not between %(least)d and %(most)d")
            self.problem(name, words % {"number": found, "least": least, "most": most})
            return least
        return found

    def flag(self, name: str) -> bool:
        """Yes or no; not given is no."""
        value = self.fields.get(name)
        if value in (None, "", True, False):
            return bool(value)
        if str(value).lower() in ("true", "yes", "1", "false", "no", "0"):
            return str(value).lower() in ("true", "yes", "1")
        self.problem(name, _("expected true or false, found %(value)r") % {"value": value})
        return False

    def day(self, name: str) -> date | None:
        """A date; not given is none."""
        value = self.fields.get(name)
        if isinstance(value, datetime):
            return value.date()
        if value in (None, "") or isinstance(value, date):
            return value or None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.problem(name, _("expected a date such as 2026-05-31, found %(value)r") % {"value": value})
            return None

    def moment(self, name: str) -> datetime | None:
        """A moment in UTC; a date alone is its midnight; without a zone it is UTC."""
        value = self.fields.get(name)
        if value in (None, ""):
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time(), UTC)
        try:
            found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.problem(name, _("expected a time such as 2026-05-31T14:00Z, found %(value)r") % {"value": value})
            return None

    def words(self, name: str) -> list[str]:
        """A list of words; one word alone, or several with commas between, count as a list."""
        value = self.fields.get(name)
        if value in (None, ""):
            return []
        if isinstance(value, str):
            value = value.split(",")
        if not isinstance(value, list) or any(isinstance(item, (list, dict)) for item in value):
            self.problem(name, _("expected a list of words"))
            return []
        return [str(item).strip() for item in value if str(item).strip()]

    def code(self, name: str, known: Iterable[str], default: str | None = None) -> str:
        """One of a fixed set of codes."""
        value, known = self.text(name), list(known)
        if not value and default is not None:
            return default
        if value not in known:
            self.problem(name, unknown_among([value], known))
            return default or known[0]
        return value

    def codes(self, name: str, known: Iterable[str]) -> list[str]:
        """Several of a fixed set of codes, in the order of the set."""
        found, known = self.words(name), list(known)
        unknown = [code for code in found if code not in known]
        if unknown:
            self.problem(name, unknown_among(unknown, known))
        return [code for code in known if code in found]

    def items(self, name: str) -> list[dict[str, Any]]:
        """A list of things with fields of their own."""
        value = self.fields.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(name, _("expected a list of entries with fields"))
            return []
        return value

    def topics(self, name: str = "topics", *, among: QuerySet[Topic] | None = None) -> list[Topic]:
        """Topics of the vocabulary by their short names.

        Args:
            among: Those that whoever imports may know of; all others are not there. None: all.
        """
        slugs = self.words(name)
        known = Topic.objects.all() if among is None else among
        found = {topic.slug: topic for topic in known.filter(slug__in=slugs)}
        unknown = [slug for slug in slugs if slug not in found]
        if unknown:
            self.problem(name, _("not in the vocabulary: %(names)s") % {"names": ", ".join(unknown)})
        return [found[slug] for slug in dict.fromkeys(slugs) if slug in found]

    def keywords(self, name: str = "keywords", *, among: QuerySet[Keyword] | None = None) -> list[Keyword]:
        """Free keywords, made where they are new.

        Args:
            among: Those that whoever imports may know of: the spelling of others is not given back. None: all.
        """
        found: dict[str, Keyword] = {}
        for word in self.words(name):
            if len(word) > 100:
                self.problem(name, f"{word[:30]}…: {too_long(len(word), 100)}")
            elif not self.problems:
                # An import with a problem saves nothing, its keywords neither.
                slug = slugify(word, allow_unicode=True)[:100] or word[:100]
                known = Keyword.objects.all() if among is None else among
                given = known.filter(name__iexact=word).first() or known.filter(slug=slug).first()
                if given is None and among is None:
                    given = Keyword.objects.create(name=word, slug=slug)
                elif given is None:
                    # As from the editor: the same letters, or a new one with a short name of its own.
                    given = Keyword.objects.get_or_create(name=word)[0]
                found.setdefault(given.slug, given)
        return list(found.values())

    def group(self, name: str = "working_group") -> WorkingGroup | None:
        """A working group by its short name; not given is none."""
        slug = self.text(name)
        if not slug:
            return None
        found = WorkingGroup.objects.filter(slug=slug).first()
        if found is None:
            self.problem(name, _("no such working group: %(name)s") % {"name": slug})
        return found


def page_fields(front: Front, parent: HubPage) -> dict[str, Any]:
    """What every page has, as arguments for its model: title, summary, who may read, dates.

    The audience is checked against the section the page will stand in. Topics and keywords are
    given apart, by ``put``.
    """
    language = front.text("language")
    if language and language != parent.language:
        words = _("is %(language)s, the section it would stand in is %(other)s")
        front.problem("language", words % {"language": language, "other": parent.language})
    audience = front.code("audience", Audience.values, default=Audience.MEMBERS)
    group = front.group() or parent.working_group
    teaser = front.flag("teaser")
    above = lines.state_above(parent.path + BELOW)
    for name, words in access_errors(audience, group, teaser, above).items():
        front.problem(name, words)
    return {
        "title": front.text("title", most=255, required=True),
        "summary": front.text("summary", most=500),
        "audience": audience,
        "working_group": group,
        "teaser": teaser,
        "published_on": front.moment("published_on"),
        "review_by": front.day("review_by"),
    }


def body_blocks(front: Front, text: str, **how: Any) -> tuple[list[Any], list[str]]:
    """The body as blocks, and remarks on what could not be kept as it was.

    Args:
        how: ``link`` and ``image`` as for ``core.markdown.blocks_from_markdown``.
    """
    try:
        converted = blocks_from_markdown(text, page=front.fields, **how)
    except ValueError as error:
        front.problem("text", error)
        return [], []
    return converted.blocks, converted.remarks


def put(front: Front, parent: HubPage, page: HubPage, *, slug: str, translation_of: HubPage | None = None) -> Imported:
    """Put a page into its section, whole or not at all. One that stands there already stays as it is.

    Args:
        slug: Last part of its address; also what makes it the same page when it is imported again.
        translation_of: The page of which it is a version in another language.

    Raises:
        ImportProblem: something in the file was wrong, or the page does not hold what its model demands.
    """
    section = HubPage.objects.get(pk=parent.pk).specific
    there = HubPage.objects.child_of(section).filter(slug=slug).first()
    if there is not None:
        front.check()
        return Imported(there.specific, is_new=False)
    topics = front.topics()
    front.check()
    page.slug, page.locale = slug, section.locale
    page.first_published_at = page.last_published_at = page.published_on
    if translation_of is not None:
        page.translation_key = translation_of.translation_key
    try:
        with transaction.atomic():
            page.topics.set(topics)
            page.keywords.set(front.keywords())
            front.check()
            section.add_child(instance=page)
    except ValidationError as error:
        raise ImportProblem(front.where, said(error)) from error
    return Imported(page)


def too_long(number: int, most: int) -> str:
    """That words have more characters than fit."""
    words = ngettext(
        "has %(number)s character; at most %(most)s fit", "has %(number)s characters; at most %(most)s fit", number
    )
    return words % {name: number_format(n, force_grouping=True) for name, n in (("number", number), ("most", most))}


def too_large(number: int, most: str) -> str:
    """That a file has more bytes than are read."""
    words = ngettext(
        "has %(number)s byte; at most %(most)s are read", "has %(number)s bytes; at most %(most)s are read", number
    )
    return words % {"number": number_format(number, force_grouping=True), "most": most}


def unknown_among(found: Iterable[str], known: Iterable[str]) -> str:
    """That codes are none of those that are known; without any, that one must be given."""
    names = {"found": ", ".join(found), "known": ", ".join(known)}
    if not names["found"]:
        return _("is missing. Choose from %(known)s") % names
    return _("unknown: %(found)s. Choose from %(known)s") % names


def said(error: ValidationError) -> list[str]:
    """The words of a model's refusal, one line per field."""
    if not hasattr(error, "error_dict"):
        return [str(message) for message in error.messages]
    return [f"{name}: {' '.join(map(str, messages))}" for name, messages in error.message_dict.items()]


def paragraphs(text: str) -> str:
    """Plain text as rich text: paragraphs at empty lines, markup escaped.

    >>> paragraphs("One & two\\n\\nThree")
    '<p>One &amp; two</p><p>Three</p>'
    """
    parts = (" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part)}</p>" for part in parts if part)
