"""The vocabulary as a file: one row per term, to be read, changed and handed around in any spreadsheet.

The columns are ``concept``, ``language`` (a code such as ``de``), ``kind`` (``preferred``, ``synonym`` or ``hidden``;
empty means synonym), ``term``, and as far as wanted ``to_check`` (``yes`` or empty), ``related`` (names of concepts,
with semicolons between) and ``note``. Reading a file adds and changes; it takes nothing away.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from core.models import Concept, Generation, Term
from core.models.vocabulary import LONGEST_NOTE, LONGEST_TERM, MOST_TERMS, languages
from search.analysis import clean, fold, words
from search.vocabulary import MOST_WORDS, content

COLUMNS = ("concept", "language", "kind", "term", "to_check", "related", "note")
NEEDED = ("concept", "language", "term")
STARTING = Path(__file__).parent / "data" / "vocabulary.csv"
"""The vocabulary a new hub starts with, written by us; its translations are marked as to be checked."""
LARGEST_FILE = 5_000_000
"""Bytes of a file that is read."""
MOST_ROWS = 20_000
MOST_ERRORS = 50
"""Errors that are told of one file."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


class FileError(ValueError):
    """A file cannot be read; ``problems`` says why, row by row."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass
class Draft:
    """One concept as a file has it."""

    name: str
    terms: dict[tuple[str, tuple[str, ...]], tuple[str, str, bool]] = field(default_factory=dict)
    """Kind, words and whether to be checked, by language and folded words."""
    related: list[str] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Report:
    """What reading a file did."""

    concepts: int
    """New concepts."""
    terms: int
    """New terms."""
    changed: int
    """Terms whose kind or mark was changed."""


def written(text: str) -> tuple[str, ...]:
    """The words of a term as far as it matters whether two are the same: in lower case and without accents."""
    return tuple(fold(word) for word in words(clean(text)))


def read(raw: bytes) -> dict[str, Draft]:
    """Read a file into concepts by name.

    Args:
        raw: UTF-8, with commas or semicolons between its cells, the first row naming the columns.

    Raises:
        FileError: Anything in it cannot be used.
    """
    if len(raw) > LARGEST_FILE:
        raise FileError([_("The file is larger than %(most)s MB.") % {"most": LARGEST_FILE // 1_000_000}])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError([_("The file is not in UTF-8. In a spreadsheet, save it as “CSV UTF-8”.")]) from None
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
        if missing:
            raise FileError(
                [_("The first row must name the columns. Missing: %(names)s.") % {"names": ", ".join(missing)}]
            )
        return _drafts(enumerate(rows, 2))
    except csv.Error as error:
        raise FileError([_("The file is not CSV: %(error)s") % {"error": error}]) from error


def _drafts(rows: Iterator[tuple[int, Mapping[str, str | None]]]) -> dict[str, Draft]:
    drafts: dict[str, Draft] = {}
    problems: list[str] = []
    known = {code for code, _name in languages()}
    for number, row in rows:
        if number > MOST_ROWS + 1:
            problems.append(_("The file has more than %(most)s rows.") % {"most": MOST_ROWS})
            break
        cells = {name: _plain(row.get(name) or "") for name in COLUMNS}
        if not any(cells.values()):
            continue
        if said := _problem(cells, known, drafts):
            problems.append(_("Row %(number)s: %(problem)s") % {"number": number, "problem": said})
            if len(problems) >= MOST_ERRORS:
                break
            continue
        draft = drafts.setdefault(cells["concept"], Draft(cells["concept"]))
        kind = cells["kind"].lower() or Term.Kind.SYNONYM
        key = cells["language"].lower(), written(cells["term"])
        draft.terms[key] = kind, cells["term"], cells["to_check"].lower() in ("yes", "true", "1")
        draft.related += [name for each in cells["related"].split(";") if (name := each.strip())]
        draft.note = draft.note or cells["note"]
    if not drafts and not problems:
        problems.append(_("The file has no terms."))
    if problems:
        raise FileError(problems)
    return drafts


def _plain(cell: str) -> str:
    """A cell without needless spaces, and without the mark that keeps a spreadsheet from calculating."""
    cell = " ".join(clean(cell).split())
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _problem(cells: Mapping[str, str], known: set[str], drafts: Mapping[str, Draft]) -> str:
    """What makes a row useless, in words; empty when nothing does."""
    language, kind = cells["language"].lower(), cells["kind"].lower() or Term.Kind.SYNONYM
    if not cells["concept"]:
        return _("the concept is missing.")
    if language not in known:
        return _("“%(code)s” is no language code. Write one such as en, de or ar.") % {"code": cells["language"]}
    if kind not in Term.Kind.values:
        return _("“%(kind)s” is no kind. Write preferred, synonym or hidden.") % {"kind": cells["kind"]}
    for name, most in (("concept", LONGEST_TERM), ("term", LONGEST_TERM), ("note", LONGEST_NOTE)):
        if len(cells[name]) > most:
            return _("%(column)s has more than %(most)s characters.") % {"column": name, "most": most}
    found = content(cells["term"], language)
    if not 0 < len(found) <= MOST_WORDS:
        return _("“%(term)s” must have 1 to %(most)s words that are not very common ones.") % {
            "term": cells["term"],
            "most": MOST_WORDS,
        }
    draft = drafts.get(cells["concept"])
    if draft is not None:
        if (language, written(cells["term"])) in draft.terms:
            return _("“%(term)s” stands twice in this concept.") % {"term": cells["term"]}
        if len(draft.terms) >= MOST_TERMS:
            return _("a concept can have %(most)s terms.") % {"most": MOST_TERMS}
        preferred = {code for (code, _words), (what, *_rest) in draft.terms.items() if what == Term.Kind.PREFERRED}
        if kind == Term.Kind.PREFERRED and language in preferred:
            return _("the concept has a preferred term in this language already.")
    return ""


@transaction.atomic
def put(drafts: Mapping[str, Draft]) -> Report:
    """Bring the concepts of a file into the vocabulary. Terms, relations and concepts that it lacks stay.

    Where the file has a preferred term and the concept has another in that language, the other becomes a synonym. A
    note is changed only where the file has one.

    Raises:
        FileError: A related concept is neither in the file nor in the vocabulary, or a concept would have too many
            terms.
    """
    there = {concept.name: concept for concept in Concept.objects.all()}
    problems = [
        _("%(concept)s: the related concept “%(name)s” is not there.") % {"concept": draft.name, "name": name}
        for draft in drafts.values()
        for name in draft.related
        if name not in drafts and name not in there
    ]
    made = Concept.objects.bulk_create(
        [Concept(name=name, note=draft.note) for name, draft in drafts.items() if name not in there]
    )
    noted = [there[name] for name, draft in drafts.items() if name in there and draft.note]
    for concept in noted:
        concept.note = drafts[concept.name].note
    Concept.objects.bulk_update(noted, ["note"])
    there |= {concept.name: concept for concept in made}
    held: dict[int, dict[tuple[str, tuple[str, ...]], Term]] = defaultdict(dict)
    for term in Term.objects.filter(concept__name__in=drafts) if len(made) < len(drafts) else ():
        held[term.concept_id][term.language, written(term.words)] = term
    new: list[Term] = []
    changed: dict[int, Term] = {}
    for name, draft in drafts.items():
        own = held[there[name].pk]
        if len(own.keys() | draft.terms.keys()) > MOST_TERMS:
            problems.append(
                _("%(concept)s would have more than %(most)s terms.") % {"concept": name, "most": MOST_TERMS}
            )
        preferred = {language for (language, _words), (kind, *_rest) in draft.terms.items() if kind == "preferred"}
        for key, term in own.items():
            kind, _written, to_check = draft.terms.get(key, (term.kind, term.words, term.to_check))
            if key not in draft.terms and term.kind == Term.Kind.PREFERRED and term.language in preferred:
                kind = Term.Kind.SYNONYM
            if (term.kind, term.to_check) != (kind, to_check):
                term.kind, term.to_check = kind, to_check
                changed[term.pk] = term
        new += [
            Term(concept=there[name], language=language, kind=kind, words=text, to_check=to_check)
            for (language, plain), (kind, text, to_check) in draft.terms.items()
            if (language, plain) not in own
        ]
    if problems:
        raise FileError(problems[:MOST_ERRORS])
    Term.objects.bulk_create(new)
    Term.objects.bulk_update(changed.values(), ["kind", "to_check"])
    through = Concept.related.through
    pairs = {
        pair
        for name, draft in drafts.items()
        for other in draft.related
        for pair in ((there[name].pk, there[other].pk), (there[other].pk, there[name].pk))
        if pair[0] != pair[1]
    }
    through.objects.bulk_create(
        [through(from_concept_id=one, to_concept_id=other) for one, other in sorted(pairs)], ignore_conflicts=True
    )
    Generation.raise_words()
    return Report(len(made), len(new), len(changed))


def fill() -> None:
    """Give a hub whose vocabulary is empty the one to start with. Where there is any concept, nothing is done."""
    if not Concept.objects.exists():
        put(read(STARTING.read_bytes()))


def rows() -> Iterator[Sequence[str]]:
    """The whole vocabulary as rows of a file, the names of the columns first; three queries.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it, which reading takes away.
    """
    yield COLUMNS
    for concept in Concept.objects.prefetch_related("terms", "related"):
        more = "; ".join(sorted(other.name for other in concept.related.all())), concept.note
        for term in concept.terms.all():
            cells = (concept.name, term.language, term.kind, term.words, "yes" if term.to_check else "", *more)
            yield [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]
            more = "", ""
