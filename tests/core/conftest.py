"""A library with an index of its own, and a browser for each sort of visitor."""

from tests.resources.conftest import client_of, groups, indexed, library, make_resource, make_topic, people

__all__ = ["client_of", "groups", "indexed", "library", "make_resource", "make_topic", "people"]
