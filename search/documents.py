"""From an object to the documents that stand for it in the index.

One document answers ordinary queries (``Model.objects.search``): it holds the model's ``search_fields``. The others are
the object's entries for the site search, see ``search.entries``.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.utils.encoding import force_str
from modelsearch.backends.base import get_model_root
from modelsearch.index import AutocompleteField, FilterField, RelatedFields, SearchField

from search import values
from search.analysis import (
    DEFAULT_LANGUAGE,
    bare,
    base,
    clean,
    fold,
    forms,
    is_paired,
    joined_words,
    letters_of,
    words,
)
from search.entries import Entry, HasEntries
from search.schema import (
    CLASS_TAG,
    ENTRY,
    FACET_TAG,
    KEY_TAG,
    MAIN,
    MODEL,
    NO_DATE,
    SEPARATOR,
    TEASER,
    pack_language,
    tag,
)

GAP = 100
"""Places left empty between fields, so that no phrase reaches from one into the next."""
ABOUT = 0.5
"""Weight of words that are about a text and not in it."""
LONGEST_COPY = 1000
"""Words of one field that ``fields=[…]`` can search; all words of it are in the body."""

Document = dict[str, Any]


def digest(text: str) -> int:
    """Give a text as a whole number below 2**63; two texts share one only by an accident of 2**-63."""
    raw = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(raw, "big") >> 1


def ref(model: type[Model], pk: Any) -> str:
    """Give the name of an object, the same for all classes of one row."""
    return f"{get_model_root(model)._meta.label_lower}:{pk}"


def object_numbers(model: type[Model], pks: Iterable[Any]) -> np.ndarray:
    """Give the number of each object: made from class and key when the key is a number, else a digest."""
    pks = list(pks)
    root = get_model_root(model)._meta.label_lower
    if all(type(pk) is int and 0 <= pk < 2**39 for pk in pks):
        return ((digest(root) % 2**24) << 39) + np.array(pks, np.int64)
    return np.array([object_number(model, pk) for pk in pks], np.int64)


def object_number(model: type[Model], pk: Any) -> int:
    """Give the number of one object."""
    if type(pk) is int and 0 <= pk < 2**39:
        return int(object_numbers(model, [pk])[0])
    return digest(ref(model, pk))


class Body:
    """The terms of one document, gathered field by field."""

    def __init__(self, language: str) -> None:
        self.language = base(language)
        self.length = self.title_length = 0
        self._place = 0
        self._weights: dict[str, float] = defaultdict(float)
        self._places: dict[str, array[int]] = defaultdict(lambda: array("I"))
        self._named: dict[str, float] = defaultdict(float)
        self._words: dict[str, float] = defaultdict(float)
        self._start: set[str] = set()

    def add(self, text: str, *, name: str = "", weight: float = 1.0, folded: bool = False) -> None:
        """Take up a text: its stems, with ``name`` also under that name, with ``folded`` every word unstemmed too."""
        listed = words(text, self.language)
        for number, word in enumerate(listed):
            plain, stem = forms(word, self.language)
            if (folded and (name or stem)) or (stem and plain != stem):
                self._words[plain] += weight
            if not stem:
                continue
            self._stand(stem, number, name, weight)
            self.length += 1
            if name and number < LONGEST_COPY:
                self.title_length += name == "title"
            if word.isascii():
                continue
            if other := bare(word, self.language):
                self._stand(other, number, name, weight)
            if is_paired(word):
                for letter in letters_of(word):
                    self._words[fold(letter)] += weight
        for word, number in joined_words(text, listed, self.language):
            if stem := forms(word, self.language)[1]:
                self._words[fold(word)] += weight
                self._stand(stem, number, name, weight)
                self._places[stem] = array("I", sorted(self._places[stem]))
        self._place += len(listed) + GAP

    def _stand(self, stem: str, number: int, name: str, weight: float) -> None:
        """Let a stem stand at a place of the text that is being taken up."""
        self._weights[stem] += weight
        self._places[stem].append(self._place + number)
        if name and number < LONGEST_COPY:
            self._named[tag(name, stem)] += 1.0

    def add_about(self, text: str, *, name: str = "", aloud: bool) -> None:
        """Take up words that are about the text and not in it: under ``name``, and ``aloud`` in the body as well.

        In the body they weigh half and do not make the text longer.
        """
        length = self.length
        if aloud:
            self.add(text, name=name, weight=ABOUT, folded=True)
        elif name:
            for word in words(text, self.language):
                for stem in {forms(word, self.language)[1], bare(word, self.language)} - {""}:
                    self._named[tag(name, stem)] += 1.0
        self.length = length

    def start(self, text: str, name: str = "") -> None:
        """Let completions begin with the words of a text."""
        for word in words(text, self.language):
            plain = fold(word)
            self._start.add(tag("", plain))
            if name:
                self._start.add(tag(name, plain))

    def fields(self) -> Document:
        """Give what was gathered, as the index wants it."""
        return {
            "body": [(stem, weight, self._places[stem].tobytes()) for stem, weight in self._weights.items()],
            "named": [(stem, weight, b"") for stem, weight in self._named.items()],
            "word": [(plain, weight, b"") for plain, weight in self._words.items()],
            "start": _plain(self._start),
            "length": self.length,
            "title_length": self.title_length,
            "language": pack_language(self.language),
        }


def _plain(terms: Iterable[str]) -> list[tuple[str, float, bytes]]:
    return [(each, 1.0, b"") for each in terms]


def _text(value: Any) -> str:
    """Give what can be read of a field's value."""
    if value is None:
        return ""
    if hasattr(value, "all"):
        value = value.all()
    if isinstance(value, (list, tuple, set, frozenset, QuerySet)):
        return "\n".join(_text(part) for part in value)
    return clean(force_str(value, errors="replace"))


def filter_terms(field: FilterField, obj: Model) -> list[str]:
    """Give the terms of one filter field of an object."""
    value = field.get_value(obj)
    try:
        python = field.get_field(type(obj)).to_python
    except (FieldDoesNotExist, AttributeError):
        python = None
    if python and not isinstance(value, (list, tuple, set, QuerySet)) and not hasattr(value, "all"):
        value = python(value)
    return [tag(field.field_name, each) for each in values.encode_all(value)]


def _gather(body: Body, filters: list[str], obj: Model, fields: Iterable[Any], own: bool) -> None:
    """Take up an object's search fields, and those of what it is related to."""
    for field in fields:
        if isinstance(field, SearchField):
            name = field.field_name if own else ""
            weight = 1.0 if field.boost is None else float(field.boost)
            body.add(_text(field.get_value(obj)), name=name, weight=weight, folded=True)
        elif isinstance(field, AutocompleteField):
            body.start(_text(field.get_value(obj)), field.field_name if own else "")
        elif isinstance(field, FilterField):
            if own:
                filters.extend(filter_terms(field, obj))
        elif isinstance(field, RelatedFields):
            related = field.get_value(obj)
            if isinstance(related, Model):
                related = [related]
            elif related is not None:
                related = related.all()
            for other in related or ():
                _gather(body, filters, other, field.fields, own=False)


def _classes(obj: Model) -> list[str]:
    """Give the labels of the object's class and of all it inherits from."""
    return [
        kind._meta.label_lower
        for kind in type(obj).__mro__
        if issubclass(kind, Model) and hasattr(kind, "_meta") and not kind._meta.abstract
    ]


def _model_document(obj: Any, language: str) -> Document:
    body = Body(language)
    filters: list[str] = []
    _gather(body, filters, obj, type(obj).get_search_fields(), own=True)
    return {
        **body.fields(),
        "tag": _plain(tag(CLASS_TAG, label) for label in _classes(obj)),
        "filter": _plain(filters),
        "item": object_number(type(obj), obj.pk),
        "date": NO_DATE,
        "flags": MODEL,
        "stored": {"model": obj._meta.label, "pk": str(obj.pk)},
    }


def entry_document(obj: Model, entry: Entry) -> Document:
    """Give the document of one entry, without what all documents of its object share."""
    body = Body(entry.language)
    parts = {
        name: clean(getattr(entry, name))
        for name in ("title", "summary", "label", "text", "keywords", "author", "topic")
    }
    if entry.teaser:
        parts |= dict.fromkeys(("text", "keywords", "label", "author"), "")
    body.add(parts["title"], name="title", folded=True)
    body.add(parts["summary"], folded=True)
    body.add(parts["label"], folded=True)
    body.add(parts["text"])
    # Each place of an item can be asked for by author and topic; only the item as a whole is found by their words.
    whole = entry.main or entry.teaser
    topics = [clean(str(code)) for code in entry.facets.get("topic", ())]
    body.add_about(parts["keywords"], aloud=whole)
    body.add_about(parts["author"], name="author", aloud=whole)
    body.add_about(" ".join([parts["topic"], *topics]), name="topic", aloud=whole)
    for name in ("title", "summary", "label", "keywords"):
        body.start(parts[name], name)
    language = body.language
    facets = {
        tag(FACET_TAG, name, values.text_value(str(code)))
        for name, codes in entry.facets.items()
        if name != "language"
        for code in codes
    }
    stored = {"model": obj._meta.label, "pk": str(obj.pk), "item": entry.item, **parts}
    stored |= {"anchor": entry.anchor, "language": language}
    return {
        **body.fields(),
        "tag": _plain({*facets, tag(KEY_TAG, entry.key), tag(FACET_TAG, "language", language)}),
        "facets": digest(SEPARATOR.join(sorted(facets))),
        "item": digest(entry.item) if entry.item else object_number(type(obj), obj.pk),
        "date": values.microseconds(entry.date) if entry.date else NO_DATE,
        "flags": ENTRY | MAIN * entry.main | TEASER * entry.teaser,
        "stored": stored,
    }


def documents_of(obj: Model) -> Iterator[Document]:
    """Give all documents of one object, ready for the index."""
    entries = list(obj.search_entries()) if isinstance(obj, HasEntries) else []
    language = next((entry.language for entry in entries), DEFAULT_LANGUAGE)
    own = {"ref": _plain([ref(type(obj), obj.pk)]), "object": object_number(type(obj), obj.pk)}
    yield {**_model_document(obj, language), **own}
    for entry in entries:
        yield {**entry_document(obj, entry), **own}
