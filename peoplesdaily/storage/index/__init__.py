"""The index: which articles the corpus holds, which it still owes, and which lists were read.

One rule carries it: an article is known when, and only when, its line is durably in a finished
feed file. Everything here can be made anew from those files, except what is still owed.
"""

from peoplesdaily.storage.index.models import Known, ListPage, Owed, State, Walk
from peoplesdaily.storage.index.store import Index
from peoplesdaily.storage.index.tables import CorpusIndexError

__all__ = ["CorpusIndexError", "Index", "Known", "ListPage", "Owed", "State", "Walk"]
