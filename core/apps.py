from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from core import audience, desk, filetexts, renaming
        from core.models import BestBet, Concept, Generation, Term

        audience.connect()
        desk.connect()
        filetexts.connect()
        renaming.connect()
        # Deleting many at once, or a page with what hangs on it, calls no model's own delete.
        for model in (BestBet, Concept):
            post_delete.connect(Generation.raise_words, sender=model)
        post_delete.connect(Term.deleted, sender=Term)
        m2m_changed.connect(Generation.raise_words, sender=Concept.related.through)
