"""An index for finding a page by its address in one step; Wagtail walks down the tree instead."""

from django.db import migrations


def make_index(apps, schema_editor):
    """SQLite takes a plain index; PostgreSQL's plain index refuses addresses over 2,704 bytes, a hash does not."""
    using = " USING hash" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"CREATE INDEX IF NOT EXISTS core_page_url_path ON wagtailcore_page{using} (url_path)")


def drop_index(apps, schema_editor):
    """Take it away again."""
    schema_editor.execute("DROP INDEX IF EXISTS core_page_url_path")


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunPython(make_index, drop_index)]
