"""Checks of a run's settings: whether it is incremental, and what keeps the corpus's guarantee."""

from __future__ import annotations

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.utils.misc import load_object

from peoplesdaily.runs.exit_codes import USAGE, ExitCode
from peoplesdaily.storage import feed_options

# What keeps the corpus's promise; a run without one of them would break it in silence.
_NEEDED = {
    "ITEM_PIPELINES": (
        "peoplesdaily.pipelines.ValidatePipeline",
        "peoplesdaily.pipelines.IndexPipeline",
    ),
    "EXTENSIONS": ("peoplesdaily.storage.feeds.OutputGuard",),
}

_EXTENSIONS = {
    "peoplesdaily.storage.feeds.OutputGuard": 0,
    "peoplesdaily.extensions.index_guard.IndexWatch": 100,
    "scrapy.extensions.feedexport.FeedExporter": None,
}

_STORAGE = "peoplesdaily.storage.feeds.AtomicFileFeedStorage"


class RunRefusedError(Exception):
    """A run that cannot begin; the message is one sentence for the user.

    Raised by :meth:`Run.open`, before the first request.

    :ivar exit_code: what the process ends with.
    """

    def __init__(self, exit_code: ExitCode, sentence: str) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def choose_index(settings: BaseSettings, *, own_files: bool | None = None) -> bool:
    """Decide whether a run is incremental, and set ``INCREMENTAL`` to that.

    By default it is where it writes the project's own feed. Files of ``-o`` and ``-O`` are the
    user's: a crawl into them is whole and leaves the index alone.

    :param own_files: whether the feeds are the user's; by default, those of the command line are.
    :raises RunRefusedError: ``INCREMENTAL=0`` for the project's own feed.
    """
    if own_files is None and settings.getpriority("FEEDS") == SETTINGS_PRIORITIES["cmdline"]:
        own_files = True
        # Scrapy's commands write to the files of -o and -O and to the project's, too.
        feeds = settings.getdict("FEEDS")
        given = {uri: feeds[uri] for uri in feeds if not str(uri).startswith("%(output)s/")}
        settings.set("FEEDS", given or feeds, priority="cmdline")
    # The index could not read a table back.
    own_files = own_files or not feed_options.keeps_records(settings)
    incremental = settings["INCREMENTAL"]
    incremental = not own_files if incremental is None else settings.getbool("INCREMENTAL")
    if not incremental and not own_files:
        raise RunRefusedError(
            USAGE,
            "INCREMENTAL=0 goes with -o or -O: the project's own files hold an article once",
        )
    settings.set("INCREMENTAL", incremental, priority="cmdline")
    return incremental


def check_components(settings: BaseSettings, *, incremental: bool) -> None:
    """Make sure that what keeps the corpus's promise is switched on.

    :raises RunRefusedError: a component is missing.
    """
    if not incremental:
        return
    # A user's EXTENSIONS takes the place of the project's, and of these with it.
    for name, order in _EXTENSIONS.items():
        settings["EXTENSIONS"].setdefault(name, order)
    for setting, needed in _NEEDED.items():
        enabled = [
            load_object(component)
            for component, order in settings.getwithbase(setting).items()
            if order is not None
        ]
        for name in needed:
            class_ = load_object(name)
            if not any(isinstance(each, type) and issubclass(each, class_) for each in enabled):
                raise RunRefusedError(
                    USAGE,
                    f"{setting} lacks {name}, which keeps each article in the corpus once; "
                    "add it, or write to a file elsewhere with -o or -O",
                )
    storages = settings.getwithbase("FEED_STORAGES")
    for scheme in ("", "file"):
        if not issubclass(load_object(storages[scheme]), load_object(_STORAGE)):
            raise RunRefusedError(
                USAGE, f"FEED_STORAGES[{scheme!r}] must be {_STORAGE}, which writes files whole"
            )
