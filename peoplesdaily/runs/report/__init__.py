"""The corpus report: one HTML page made from run manifests and the index.

``history`` reads the manifests and ``corpus`` the index; ``state`` judges, ``figures`` draws, and
``page`` puts everything together.
"""

from peoplesdaily.runs.report.page import make

__all__ = ["make"]
