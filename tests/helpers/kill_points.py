"""Work on an output folder that is killed at each of its steps, one after the other.

``python kill_points.py open|rebuild FOLDER COPIES`` works on a copy of FOLDER in COPIES, is killed
right before a step, opens the index again, and writes as JSON what is then pending and
stored, a line a kill; the last line is of the copy that no kill came to.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
import traceback
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from peoplesdaily.storage.index import Index, opening, reconcile
from peoplesdaily.storage.index.rebuild import rebuild

# What changes which file has which name or content, as Python's audit hooks call it.
_STEPS = frozenset({"os.rename", "os.link", "os.remove", "shutil.copyfile", "sqlite3.connect"})


def open_index(output: Path) -> None:
    opening.open_index(output)[0].close()


WORKS = {"open": open_index, "rebuild": rebuild}


def killed_at(step: int, work: str, output: Path) -> bool:
    """Work in a process that is killed right before its ``step``-th step; whether it came there."""
    child = os.fork()
    if not child:
        left = step

        def watch(event: str, _: object) -> None:
            nonlocal left
            if event in _STEPS:
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            WORKS[work](output)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL), status
    return status != 0


def main() -> None:
    _, work, folder, copies = sys.argv
    for step in itertools.count(1):
        output = shutil.copytree(folder, Path(copies) / str(step))
        killed = killed_at(step, work, output)
        open_index(output)
        with closing(Index(reconcile.index_path(output))) as index:
            pending = {found.id: found.kind for found in index.pending.find()}
            stored = index.rows(
                "SELECT DISTINCT id FROM revisions WHERE file IS NOT NULL ORDER BY id"
            )
            then = {"pending": pending, "stored": [id_ for (id_,) in stored]}
            sys.stdout.write(json.dumps(then) + "\n")
        if not killed:
            break


if __name__ == "__main__":
    main()
