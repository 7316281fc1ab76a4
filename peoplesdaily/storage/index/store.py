"""The index of an output folder: one connection, and an object for each subject."""

from __future__ import annotations

from pathlib import Path

from peoplesdaily.storage.index.articles import Articles
from peoplesdaily.storage.index.database import Database
from peoplesdaily.storage.index.files import Files
from peoplesdaily.storage.index.leases import Leases
from peoplesdaily.storage.index.listings import Listings
from peoplesdaily.storage.index.pending import Pending


class Index(Database):
    """The corpus index; all SQL of a crawl is in the classes of its attributes.

    Every method is one transaction, and raises :exc:`CorpusIndexError` where the file is unusable.

    :ivar listings: what the lists of sections have shown.
    :ivar pending: what is wanted and not stored, and what is gone.
    :ivar articles: revisions of articles, and which of them have the same text.
    :ivar files: finished files.
    :ivar leases: runs, and what they have reserved.
    """

    def __init__(
        self, path: Path | None, *, read_only: bool = False, upgrade: bool = False
    ) -> None:
        super().__init__(path, read_only=read_only, upgrade=upgrade)
        self.listings = Listings(self)
        self.pending = Pending(self)
        self.articles = Articles(self)
        self.files = Files(self)
        self.leases = Leases(self)
