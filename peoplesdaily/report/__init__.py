"""The state of a corpus on one page, from run manifests and the index.

:mod:`~peoplesdaily.report.history` reads the manifests, :mod:`~peoplesdaily.report.corpus` the
index, :mod:`~peoplesdaily.report.state` judges, :mod:`~peoplesdaily.report.figures` draws,
:mod:`~peoplesdaily.report.page` puts it together.
"""

from peoplesdaily.report.page import make

__all__ = ["make"]
