"""Run every scenario of tests/helpers/failure_scenarios.py and write docs/failures.md."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from helpers.failure_scenarios import Failure, ScenarioResult

HEAD = """# Failures

What a run says when something is wrong, provoked one by one against the embedded site.
`python scripts/failures.py` made this page of what really happened, and a test provokes each again.
[exit-codes.md](exit-codes.md) says what to do about each exit code.

| what is wrong | exit code | the line that says so | manifest |
| --- | --- | --- | --- |
"""


def row(failure: Failure, found: ScenarioResult) -> str:
    """A line of the table, without what differs from run to run."""
    said = re.sub(r"/[^\s;,]*/output\b", "OUTPUT", found.said)
    said = re.sub(r"[12]\d{3}-\d\d-\d\dT\d\d[-:]\d\d[-:]\d\dZ(-[a-z_]+-\d+)?", "…", said)
    said = re.sub(r"process \d+ on [^\s)]+", "process … on …", said)
    said = re.sub(r"\.\d+\.part", ".….part", said).replace("|", "\\|")
    return f"| {failure.what} | {found.code} | {said} | {found.ending} |"


def main() -> int:
    from helpers.failure_scenarios import FAILURES, Stage

    from peoplesdaily.replica.content import Catalogue

    catalogue, rows, wrong = Catalogue(articles=120), [], 0
    for failure in FAILURES:
        with (
            tempfile.TemporaryDirectory() as folder,
            Stage.of(Path(folder) / "output", catalogue) as stage,
        ):
            found = failure.provoke(stage)
        rows.append(row(failure, found))
        wrong += found.code != failure.code
        print(rows[-1], flush=True)
        if found.code != failure.code:
            print(f"expected {failure.code}:\n{found.log}", file=sys.stderr)
    (ROOT / "docs" / "failures.md").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
