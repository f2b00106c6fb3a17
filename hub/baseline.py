"""What a hub cannot be without, made again wherever it is missing. Safe to run at any time.

Data made in migrations is gone after a test flushes the database, so migrations, the demo and the
tests all call this.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,  # noqa: TID251  the root of the tree is the one page that is no HubPage
    Site,
)

from core import vocabulary_file
from core.models import Generation, HubPage
from events.models import EventIndexPage
from groups.models import WorkingGroupIndexPage
from groups.provisioning import provision_all
from guidebooks.models import GuidebookIndexPage
from hub.models import HomePage
from members.models import SECRETARIAT
from resources.models import ResourceIndexPage
from standards.models import StandardIndexPage


@transaction.atomic
def make_baseline() -> None:
    """Make locales, the tree's root, a home page per language, the site and the first collection."""
    for code, _name in settings.LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    Generation.objects.get_or_create(pk=1)
    english = Locale.objects.get(language_code=settings.LANGUAGE_CODE)
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root", locale=english)
    home = HomePage.objects.filter(locale=english, depth=2).first()
    if home is None:
        # Wagtail's "Welcome" page is no HubPage, so it knows no access rule.
        Page.objects.filter(depth=2, hubpage=None).delete()
        root.refresh_from_db()
        home = root.add_child(instance=HomePage(title="INDEX", slug="home", locale=english, audience="public"))
    for locale in Locale.objects.exclude(pk=english.pk):
        if not HomePage.objects.filter(translation_key=home.translation_key, locale=locale).exists():
            root.refresh_from_db()
            root.add_child(
                instance=HomePage(
                    title="INDEX",
                    slug=f"home-{locale.language_code}",
                    locale=locale,
                    translation_key=home.translation_key,
                    audience="public",
                )
            )
    site = Site.objects.filter(is_default_site=True).first()
    if site is None or site.root_page_id != home.pk:
        Site.objects.update_or_create(
            is_default_site=True,
            defaults={"hostname": "localhost", "port": 80, "root_page": home, "site_name": "INDEX"},
        )
    Site.clear_site_root_paths_cache()
    make_sections()
    vocabulary_file.fill()
    grant_secretariat()
    provision_all()


# The sections every hub has, in the order of the menu, with their titles by language. Each tree has
# its own, as versions of each other, so that their titles and introductions are in its language.
SECTIONS: list[tuple[type[HubPage], str, dict[str, str]]] = [
    (ResourceIndexPage, "library", {"en": "Library", "de": "Bibliothek", "fr": "Bibliothèque", "ar": "المكتبة"}),
    (GuidebookIndexPage, "guidebooks", {"en": "Guidebooks", "de": "Leitfäden", "fr": "Guides", "ar": "الأدلة"}),
    (EventIndexPage, "events", {"en": "Events", "de": "Veranstaltungen", "fr": "Événements", "ar": "الفعاليات"}),
    (StandardIndexPage, "standards", {"en": "Standards", "de": "Standards", "fr": "Normes", "ar": "المعايير"}),
    (
        WorkingGroupIndexPage,
        "groups",
        {"en": "Working groups", "de": "Arbeitsgruppen", "fr": "Groupes de travail", "ar": "مجموعات العمل"},
    ),
]

# One sentence each that says what stands there; the secretariat may write its own.
SUMMARIES: dict[str, dict[str, str]] = {
    "library": {
        "en": "What practitioners have tried, found out and written down, to be used tomorrow.",
        "de": "Was Fachleute erprobt, herausgefunden und aufgeschrieben haben, für die Arbeit von morgen.",
        "fr": "Ce que des praticiens ont essayé, compris et écrit, pour s’en servir dès demain.",
        "ar": "ما جرّبه الممارسون وتعلّموه وكتبوه، لاستخدامه غدًا.",
    },
    "guidebooks": {
        "en": "Whole pieces of the work from beginning to end, in chapters that can be read one by one.",
        "de": "Ganze Arbeitsfelder von Anfang bis Ende, in Kapiteln, die sich einzeln lesen lassen.",
        "fr": "Des pans entiers du métier, du début à la fin, en chapitres qui se lisent un par un.",
        "ar": "مجالات كاملة من العمل من بدايتها إلى نهايتها، في فصول يمكن قراءتها واحدًا واحدًا.",
    },
    "events": {
        "en": "Webinars, meetings and trainings, and what was said in those that are over.",
        "de": "Webinare, Treffen und Fortbildungen, und was in den vergangenen gesagt wurde.",
        "fr": "Webinaires, rencontres et formations, et ce qui s’est dit dans ceux qui sont passés.",
        "ar": "ندوات إلكترونية ولقاءات وتدريبات، وما قيل فيما انتهى منها.",
    },
    "standards": {
        "en": "What good work has to hold to, clause by clause, with reasons. Anyone may read them.",
        "de": "Woran gute Arbeit sich halten muss, Satz für Satz, mit Gründen. Alle dürfen sie lesen.",
        "fr": "Ce qu’un bon travail doit respecter, clause par clause, avec les raisons. Chacun peut les lire.",
        "ar": "ما يجب أن يلتزم به العمل الجيد، بندًا بندًا، مع الأسباب. ويمكن للجميع قراءتها.",
    },
    "groups": {
        "en": "Members who work on the same theme or in the same part of the world meet here.",
        "de": "Hier treffen sich Mitglieder, die am selben Thema oder in derselben Gegend der Welt arbeiten.",
        "fr": "Les membres qui travaillent sur le même thème ou dans la même région du monde se retrouvent ici.",
        "ar": "هنا يلتقي الأعضاء الذين يعملون على الموضوع نفسه أو في المنطقة نفسها من العالم.",
    },
}


def make_sections() -> None:
    """Make each section in each language where it is missing."""
    homes = {home.language: home for home in HomePage.objects.filter(depth=2).select_related("locale")}
    for model, slug, titles in SECTIONS:
        original = model.objects.filter(slug=slug, locale=homes[settings.LANGUAGE_CODE].locale).first()
        for language, home in homes.items():
            if model.objects.filter(locale=home.locale).exists():
                continue
            fields = {"translation_key": original.translation_key} if original is not None else {}
            made = HomePage.objects.get(pk=home.pk).add_child(
                instance=model(
                    title=titles.get(language, titles["en"]),
                    summary=SUMMARIES[slug].get(language, SUMMARIES[slug]["en"]),
                    slug=slug,
                    audience="public",
                    **fields,
                )
            )
            original = original or made


# What the secretariat does with content, by the app it belongs to; people are granted in members.
SECRETARIAT_APPS = ("core", "wagtailredirects", "simple_translation")
TREE_PERMISSIONS = ("add", "change", "publish", "bulk_delete", "lock", "unlock")
FILE_PERMISSIONS = ("add", "change", "choose")
# Wagtail asks for the permissions of its own two models, whichever models take their place.
FILE_APPS = {"wagtailimages": "image", "wagtaildocs": "document"}


def grant_secretariat() -> None:
    """Let the secretariat write and publish everywhere, and manage files, topics and redirects."""
    secretariat, _made = Group.objects.get_or_create(name=SECRETARIAT)
    for label in ("wagtailcore", *FILE_APPS, *SECRETARIAT_APPS):
        create_permissions(apps.get_app_config(label), verbosity=0)
    secretariat.permissions.add(*Permission.objects.filter(content_type__app_label__in=SECRETARIAT_APPS))
    root = Page.objects.get(depth=1)
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", codename__in=[f"{verb}_page" for verb in TREE_PERMISSIONS]
    ):
        GroupPagePermission.objects.get_or_create(group=secretariat, page=root, permission=permission)
    collection = Collection.get_first_root_node()
    for permission in Permission.objects.filter(
        content_type__app_label__in=FILE_APPS,
        codename__in=[f"{verb}_{model}" for verb in FILE_PERMISSIONS for model in FILE_APPS.values()],
    ):
        GroupCollectionPermission.objects.get_or_create(group=secretariat, collection=collection, permission=permission)


def after_migrate(sender: Any, **kwargs: Any) -> None:
    """Make the baseline after each migrate and each flush of the database."""
    ContentType.objects.clear_cache()  # a flush took the rows away and left them in memory
    make_baseline()
