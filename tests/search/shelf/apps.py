from django.apps import AppConfig


class ShelfConfig(AppConfig):
    """Objects for the tests of the search, which knows no model of the hub."""

    name = "tests.search.shelf"
    label = "shelf"
    default_auto_field = "django.db.models.BigAutoField"
