"""Leave out what a crawl of this site does not use."""

from __future__ import annotations

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

# A component that wraps every page or request, and the settings that ask for it.
_SPIDER = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": (
        *("DEPTH_LIMIT", "DEPTH_PRIORITY", "DEPTH_STATS_VERBOSE"),
    ),
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": ("URLLENGTH_LIMIT",),
}
_DOWNLOADER = {
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": (
        *("HTTPAUTH_USER", "HTTPAUTH_PASS", "HTTPAUTH_DOMAIN"),
    ),
}


class Lean:
    """Add-on: switch off Scrapy's components that nobody has asked for.

    Each costs a little for every page. Setting one of a component's own settings, on the command
    line too, brings it back.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        for name, components in (
            ("SPIDER_MIDDLEWARES", _SPIDER),
            ("DOWNLOADER_MIDDLEWARES", _DOWNLOADER),
        ):
            for component, askers in components.items():
                if not any(_is_asked_for(settings, asker) for asker in askers):
                    settings[name].set(component, None, priority="project")


def _is_asked_for(settings: BaseSettings, name: str) -> bool:
    return (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["default"]
