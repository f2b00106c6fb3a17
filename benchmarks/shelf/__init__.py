"""A Django app with one kind of item, so that engines can be measured without the rest of the hub."""
