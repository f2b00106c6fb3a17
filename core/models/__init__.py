"""The tables every room builds on."""

from core.models.authors import WithAuthors
from core.models.best_bets import BestBet
from core.models.body import WithBody
from core.models.broken_links import BrokenLink
from core.models.contexts import Evidence, PracticeContext
from core.models.editions import Edition, EditionPart
from core.models.files import FilePart, FileText, HubDocument, HubImage, HubRendition, Reading
from core.models.gated import Gated
from core.models.generation import Generation
from core.models.pages import FileOfPage, HubPage, HubPageQuerySet, Place, active_languages
from core.models.sections import SectionIndexPage
from core.models.topics import Keyword, KeywordOfPage, Topic, TopicOfPage
from core.models.vocabulary import Concept, Term

__all__ = [
    "BestBet",
    "BrokenLink",
    "Concept",
    "Edition",
    "EditionPart",
    "Evidence",
    "FileOfPage",
    "FilePart",
    "FileText",
    "Gated",
    "Generation",
    "HubDocument",
    "HubImage",
    "HubPage",
    "HubPageQuerySet",
    "HubRendition",
    "Keyword",
    "KeywordOfPage",
    "Place",
    "PracticeContext",
    "Reading",
    "SectionIndexPage",
    "Term",
    "Topic",
    "TopicOfPage",
    "WithAuthors",
    "WithBody",
    "active_languages",
]
