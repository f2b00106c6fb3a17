from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class HubConfig(AppConfig):
    name = "hub"
    verbose_name = _("The roof")

    def ready(self) -> None:
        from hub import admin_lists, admin_policies, baseline

        admin_policies.register()
        admin_lists.connect()
        post_migrate.connect(baseline.after_migrate, sender=self)
