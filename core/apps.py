import csv

from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, pre_delete
from django.utils.translation import gettext_lazy as _

LONGEST_FIELD = 50 * 1024 * 1024
"""Characters of one field of a CSV file: as many as the largest file that is read has, so that files alone are bounded.

Set once, because the limit holds for the whole process; its usual 131,072 are less than a long article has.
"""


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from core import audience, desk, editions, filetexts, renaming
        from core.models import BestBet, Concept, Generation, Term

        csv.field_size_limit(LONGEST_FIELD)
        audience.connect()
        desk.connect()
        filetexts.connect()
        renaming.connect()
        pre_delete.connect(editions.before_delete)
        # Deleting many at once, or a page with what hangs on it, calls no model's own delete.
        for model in (BestBet, Concept):
            post_delete.connect(Generation.raise_words, sender=model)
        post_delete.connect(Term.deleted, sender=Term)
        m2m_changed.connect(Generation.raise_words, sender=Concept.related.through)
