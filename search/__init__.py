"""The embedded search engine. It imports modelsearch and Whoosh, never Wagtail and no room of the hub."""
