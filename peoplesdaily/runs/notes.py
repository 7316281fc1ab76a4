"""What a spider notes about its run for monitors, manifest and summary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FailedPage:
    """A page that could not be fetched or read.

    :param kind: short name of the reason.
    :param section: the section whose list it is or that lists it.
    """

    url: str
    kind: str
    reason: str
    section: str | None
