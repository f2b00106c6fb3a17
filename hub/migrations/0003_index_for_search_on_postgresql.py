"""The index that modelsearch speaks of and does not make: over title and body together, as its queries ask.

Without it every search reads the whole table. It exists on PostgreSQL alone; where the hub searches with its own engine
the table is empty and the index costs nothing.
"""

from django.db import migrations

TABLE, NAME = "wagtailsearch_indexentry", "hub_search_title_and_body"


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX IF NOT EXISTS {NAME} ON {TABLE} USING gin ((title || body))")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {NAME}")


class Migration(migrations.Migration):
    dependencies = [
        ("hub", "0002_saved_searches_and_unanswered_words"),
        ("wagtailsearch", "0010_add_text_fields"),
    ]

    operations = [migrations.RunPython(make, drop)]
