"""The index: which articles are stored or pending, and which lists have been read.

An article is stored when, and only when, a finished feed file holds it. Everything here can be
rebuilt from those files, except what is pending.
"""

from peoplesdaily.storage.index.database import CorpusIndexError
from peoplesdaily.storage.index.models import (
    ListingPass,
    ListPage,
    PendingArticle,
    State,
    StoredArticle,
)
from peoplesdaily.storage.index.store import Index

__all__ = [
    "CorpusIndexError",
    "Index",
    "ListPage",
    "ListingPass",
    "PendingArticle",
    "State",
    "StoredArticle",
]
