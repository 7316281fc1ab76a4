"""Scrapy settings: what differs from Scrapy's defaults, and why.

Everything here can be changed for one run with ``-s NAME=VALUE``.
"""

import os as _os
from pathlib import Path as _Path

_PROJECT = _Path(__file__).resolve().parent.parent

BOT_NAME = "peoplesdaily"
SPIDER_MODULES = ["peoplesdaily.spiders"]
NEWSPIDER_MODULE = "peoplesdaily.spiders"
COMMANDS_MODULE = "peoplesdaily.commands"

# --- Who we are --------------------------------------------------------------------------------
# An e-mail or web address under which the site's staff reaches the person who runs this crawl. It
# becomes part of USER_AGENT.
CONTACT = ""
ADDONS = {
    "peoplesdaily.runs.lifecycle.RunLifecycle": 0,
    # Behind it: a run's log is named after the run.
    "peoplesdaily.extensions.logs.Logs": 1,
    "peoplesdaily.extensions.addons.Identity": 1,
}

# --- Manners -----------------------------------------------------------------------------------
ROBOTSTXT_OBEY = True
# One request at a time in all, so that a wait holds back everything; a second between two.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
# Slower when the site is slow, never faster than DOWNLOAD_DELAY.
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
# Crawl-delay and Request-rate of a host's robots.txt are kept, up to this many seconds.
CRAWL_DELAY_MAX = 120.0
# Hours in which a run may fetch, such as ["22:00-06:00"]; empty means all day. They, and the day of
# REQUEST_BUDGET_DAILY, are those of this zone: the publisher's.
CRAWL_WINDOWS: list[str] = []
CRAWL_ZONE = "Asia/Shanghai"
# Requests at most, robots.txt, retries and redirects included: of a run, and of a day by all runs
# on one output folder. 0 means no limit.
REQUEST_BUDGET = 0
REQUEST_BUDGET_DAILY = 0
# Two retries at the default back-off end within seconds; a restart of the site's server takes
# longer.
RETRY_TIMES = 3
RETRY_BACKOFF = 2.0  # seconds, doubled with each retry
RETRY_BACKOFF_MAX = 60.0
RETRY_AFTER_MAX = 600.0
# Connection failures in a row, without any answer between them, that end the run; 0 means no limit.
# More than the tries of one request, so that one bad page does not end it.
BREAKER_FAILURES = 5
# Retries keep their place: a page asked for again last would come when the list has moved on.
RETRY_PRIORITY_ADJUST = 0
# The spiders name every page that fails; a second line about it says nothing new.
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
# The default of three minutes holds up the one request that there is.
DOWNLOAD_TIMEOUT = 30
# Pages have 15 to 60 KB; the default of 1 GiB would let one wrong answer take the memory.
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024
DOWNLOAD_WARNSIZE = 4 * 1024 * 1024
# The site needs none, and Scrapy's cookie code asks a third host for a list of domains.
COOKIES_ENABLED = False

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "peoplesdaily.middlewares.retry.PoliteRetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "peoplesdaily.middlewares.whole_answers.WholeAnswers": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "peoplesdaily.middlewares.redirects.ChainRedirectMiddleware": 600,
    "peoplesdaily.middlewares.breaker.Breaker": 940,
    # Behind all others, also behind the cache of HTTPCACHE_ENABLED: what comes here leaves.
    "peoplesdaily.middlewares.budget.RequestBudget": 950,
}

# --- Limits of a run -----------------------------------------------------------------------------
# Each ends the run cleanly: what was fetched is written. No run hangs for ever; a backfill that
# takes longer than a day says so with -s CLOSESPIDER_TIMEOUT=0.
CLOSESPIDER_TIMEOUT = 24 * 3600
# A run takes some 120 MB, a page at most DOWNLOAD_MAXSIZE many times over.
MEMUSAGE_LIMIT_MB = 1024
MEMUSAGE_CHECK_INTERVAL_SECONDS = 10

# --- Doors that a crawl does not need -----------------------------------------------------------
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
# Scrapy's handler, which does not wait long for answers when the run ends.
_HTTP = "peoplesdaily.extensions.shutdown.DownloadHandler"
DOWNLOAD_HANDLERS = {
    "http": _HTTP, "https": _HTTP, "ftp": None, "s3": None,
}  # fmt: skip

# --- Order and speed ---------------------------------------------------------------------------
# Articles in the order of the list; the default takes the last one first.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# A page yields one item; the default starts a hundred tasks for each.
CONCURRENT_ITEMS = 1
# An eighth faster than asyncio's own loop.
ASYNCIO_EVENT_LOOP = "uvloop.Loop"
# A check for authors of spiders, which reads the callback's source again for every page.
WARN_ON_GENERATOR_RETURN_VALUE = False
# The spiders copy no metadata, so that nothing need look for copies.
SPIDER_MIDDLEWARES = {"scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None}
# The parsers recognise a redirect stub; following it would lead to the front page.
METAREFRESH_ENABLED = False

# --- Records -----------------------------------------------------------------------------------
ITEM_PIPELINES = {
    "peoplesdaily.pipelines.NormalisePipeline": 100,
    "peoplesdaily.pipelines.ValidatePipeline": 200,
    # After validation: a record that is refused must not stand in the way of a good one.
    "peoplesdaily.pipelines.IndexPipeline": 300,
}

# --- The index ----------------------------------------------------------------------------------
# Whether articles of earlier runs are left out and this run's are remembered: None means for the
# project's own files, and not for those of -o and -O.
INCREMENTAL = None
# Articles in a row that must be old news before a list is read no further, for lists reorder. A
# page of a list without anything new is enough in any case.
LIST_OVERLAP = 10
# What becomes of a story that nearly repeats an earlier one: "flag" writes it with duplicate_of,
# "drop" leaves it out.
NEAR_DUPLICATES = "flag"
# Estimated Jaccard similarity from which on it does; docs/decisions.md has the measurement.
NEAR_DUPLICATE_THRESHOLD = 0.55

# --- When a run has failed ----------------------------------------------------------------------
# Shares of the articles of a run that were tried, above which its exit code says so; see
# peoplesdaily/runs/exit_codes.py.
MAX_UNKNOWN_SHARE = 0.2  # in no template that is known
MAX_FAILED_SHARE = 0.25  # not fetched, or no article
MAX_REJECTED_SHARE = 0.1  # broke the contract

# --- Monitors -----------------------------------------------------------------------------------
# Each run is compared with the runs of so many days before; docs/monitors.md has the rules.
MONITOR_HISTORY_DAYS = 42
# What is done about a check that fails: a program with its arguments, which gets the finding as
# JSON on its standard input, and an address to which the same is posted. No shell reads either.
MONITOR_COMMAND = ""
MONITOR_WEBHOOK = _os.environ.get("PEOPLESDAILY_MONITOR_WEBHOOK", "")
MONITOR_TIMEOUT = 30.0  # seconds that each may take
# A check that keeps failing is alerted again after so many hours; 0 alerts in every run.
MONITOR_REMIND_HOURS = 24.0
# Figures of the last run for the textfile collector of Prometheus' node exporter; %(name)s in the
# path becomes the spider's name.
PROMETHEUS_TEXTFILE = ""
SPIDERMON_ENABLED = True
SPIDERMON_ENGINE_STOP_MONITORS = ["peoplesdaily.runs.monitoring.monitors.RunSuite"]

# --- Output ------------------------------------------------------------------------------------
# In a checkout the project's own folder, wherever the shell stands. An installed package, which has
# no scrapy.cfg beside it, writes below the current folder.
OUTPUT_DIR = str((_PROJECT if (_PROJECT / "scrapy.cfg").is_file() else _Path.cwd()) / "output")
FEEDS = {
    "%(output)s/%(name)s/%(time)s.jsonl": {
        "format": "jsonlines",
        # The name is the run's start: two runs of a spider within one second do not happen, but
        # a clock that is set back does, and then both runs' lines are kept.
        "overwrite": False,
    }
}
FEED_URI_PARAMS = "peoplesdaily.storage.feeds.uri_params"
FEED_STORAGES = {
    "": "peoplesdaily.storage.feeds.AtomicFileFeedStorage",
    "file": "peoplesdaily.storage.feeds.AtomicFileFeedStorage",
}
FEED_EXPORTERS = dict.fromkeys(
    ("jsonlines", "jsonl", "jl"), "peoplesdaily.storage.feeds.ArticleLinesExporter"
)
FEED_EXPORT_ENCODING = "utf-8"
FEED_STORE_EMPTY = False

# --- What is said ------------------------------------------------------------------------------
LOG_LEVEL = "INFO"
# True keeps each run's log under OUTPUT_DIR/logs/, too. Secrets stand in neither.
LOG_TO_FILE = False
LOG_KEEP_DAYS = 30
LOG_KEEP_FILES = 1000
LOG_VERSIONS = ["turbohtml", "Twisted", "Python"]
EXTENSIONS = {
    "scrapy.extensions.feedexport.FeedExporter": None,
    "peoplesdaily.storage.feeds.OutputGuard": 0,
    # Progress says the same and more.
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "peoplesdaily.extensions.politeness.Throttle": 0,
    "peoplesdaily.extensions.politeness.CrawlDelay": 0,
    "peoplesdaily.extensions.limits.CrawlWindows": 0,
    "peoplesdaily.extensions.politeness.ContactReminder": 0,
    "peoplesdaily.extensions.shutdown.PromptEnd": 0,
    "peoplesdaily.extensions.plain_errors.PlainErrors": 0,
    "peoplesdaily.extensions.clock.ClockCheck": 0,
    "peoplesdaily.extensions.index_guard.IndexWatch": 100,
    "peoplesdaily.extensions.progress.Progress": 500,
    # Behind everything that writes, before the summary, which comes last.
    "peoplesdaily.runs.monitoring.extension.Monitors": 550,
    "peoplesdaily.extensions.progress.Summary": 600,
}
