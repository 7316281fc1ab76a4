"""Add-ons: settings that are computed from other settings."""

from __future__ import annotations

from scrapy.settings import BaseSettings

from peoplesdaily import __version__


class Identity:
    """Add-on: build ``USER_AGENT`` from the ``CONTACT`` setting.

    An add-on, because ``-s CONTACT=...`` is not known yet when the settings module is read. A
    ``USER_AGENT`` set by the user wins.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        contact = str(settings.get("CONTACT") or "").strip() or "no contact address given"
        settings.set("USER_AGENT", f"peoplesdaily/{__version__} (Scrapy; +{contact})", "addon")
