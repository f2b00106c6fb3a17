from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StandardsConfig(AppConfig):
    name = "standards"
    verbose_name = _("Standards")

    def ready(self) -> None:
        from core.links import find_clauses_with
        from core.reader import reader
        from standards.models import find_clauses

        def for_the_reader(ids: Iterable[str]) -> dict[str, tuple[Any, str]]:
            return find_clauses(ids, reader())

        find_clauses_with(for_the_reader)
