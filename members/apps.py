from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class MembersConfig(AppConfig):
    default = True  # of the two in this module, the one that "members" in INSTALLED_APPS means
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the check against demo accounts

        post_migrate.connect(make_baseline_after_migration, sender=self)


class PeopleAdminConfig(WagtailUsersAppConfig):
    """Wagtail's own management of users, with our forms: people here have one display name."""

    user_viewset = "members.people.PersonViewSet"


def make_baseline_after_migration(using: str, apps: Any = installed_apps, **kwargs: object) -> None:
    """Make the baseline when the tables of this room stand as the code knows them.

    After a partial or a backward migration they do not, and there is nothing to fill.
    """
    from .baseline import make_baseline
    from .models import Activity, Tier

    if using == "default" and all(stands(model, apps) for model in (Tier, Activity)):
        make_baseline()


def stands(model: Any, apps: Any) -> bool:
    """Whether the migrated state ``apps`` has the model's table with all its columns."""
    try:
        migrated = apps.get_model(model._meta.label)
    except LookupError:
        return False
    return {f.column for f in migrated._meta.local_fields} == {f.column for f in model._meta.local_fields}
