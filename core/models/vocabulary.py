"""The field's vocabulary: what practitioners call the same thing, in their words and their languages.

It follows SKOS (https://www.w3.org/TR/skos-reference/, read 2026-11): a concept has labels in languages, one of them
preferred in each (``prefLabel``), others that mean the same (``altLabel``) or are only recognised (``hiddenLabel``),
and concepts are ``related`` to each other without meaning the same.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import global_settings, settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from core.models.generation import Generation
from search.vocabulary import MOST_WORDS, content

LONGEST_TERM = 100
"""Characters of one term."""
MOST_TERMS = 60
"""Terms of one concept, in all languages together."""
LONGEST_NOTE = 500


@cache
def languages() -> list[tuple[str, Any]]:
    """Languages a term can be in, the hub's own first. Regions are no languages of their own here."""
    known = {code: name for code, name in global_settings.LANGUAGES if "-" not in code}
    own = [code for code, _name in settings.LANGUAGES]
    rest = sorted((code for code in known if code not in own), key=lambda code: known[code])
    return [(code, _(known[code])) for code in (*own, *rest) if code in known]


class RaisingGeneration(models.Model):
    """A row that is kept in memory by every process: writing it makes what they keep out of date."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's, and the generation is raised in the same transaction."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            Generation.raise_words()


class Concept(RaisingGeneration, ClusterableModel):
    """One thing the field speaks of, whatever it is called."""

    wagtail_reference_index_ignore = True  # nothing is embedded in it

    name = models.CharField(
        _("name"),
        max_length=LONGEST_TERM,
        unique=True,
        help_text=_("What this office calls it. It is not searched for: write the words people use as terms."),
    )
    note = models.TextField(
        _("note on use"),
        max_length=LONGEST_NOTE,
        blank=True,
        help_text=_("What belongs here and what does not. For the secretariat alone, never shown on the site."),
    )
    related = models.ManyToManyField(
        "self",
        verbose_name=_("related concepts"),
        blank=True,
        help_text=_("Near, but not the same. They are not searched for; a link offers them beside the results."),
    )

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("vocabulary")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Term(RaisingGeneration):
    """One word or phrase for a concept, in one language."""

    wagtail_reference_index_ignore = True

    class Kind(models.TextChoices):
        PREFERRED = "preferred", _("Preferred")
        SYNONYM = "synonym", _("Means the same")
        HIDDEN = "hidden", _("Only recognised")

    # That a term stands once in its concept, and one is preferred in each language, is looked after by the form and
    # the import: a constraint would refuse two terms that change places in one saving.
    concept = ParentalKey(Concept, on_delete=models.CASCADE, related_name="terms")
    words = models.CharField(_("term"), max_length=LONGEST_TERM)
    language = models.CharField(_("language"), max_length=8, choices=languages)
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind.choices,
        default=Kind.SYNONYM,
        help_text=_("“Only recognised” terms are understood just as written, but not looked for themselves."),
    )
    to_check = models.BooleanField(
        _("to be checked"),
        default=False,
        help_text=_("Our own translation, still to be checked by a practitioner."),
    )

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["language", "kind", "pk"]

    def __str__(self) -> str:
        return self.words

    @staticmethod
    def deleted(origin: Any, **_signal: Any) -> None:
        """Raise the generation when a term is deleted by itself; its concept's own deletion raises it once for all."""
        if getattr(origin, "model", type(origin)) is not Concept:
            Generation.raise_words()

    def clean(self) -> None:
        super().clean()
        self.words = " ".join(self.words.split())
        found = content(self.words, self.language)
        if not found:
            message = _("“%(words)s” has no word to search for: it is only marks or very common words.")
            raise ValidationError({"words": ValidationError(message, params={"words": self.words})})
        if len(found) > MOST_WORDS:
            message = _("A term can have %(most)s words, this has %(count)s.")
            raise ValidationError({"words": ValidationError(message, params={"most": MOST_WORDS, "count": len(found)})})
