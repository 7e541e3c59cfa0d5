"""Every figure that the project claims about retrieval and answers, by one command.

    python tests/benchmarks/everything.py ARCHIVE DATA_FOLDER FOLDER [--quick]

ARCHIVE holds RealTimeQA's articles, embedded; FOLDER takes made-up archives, which are kept for the next time. Without
``--quick`` this takes about an hour, most of it for making an archive of a million passages and for 100,000 articles
among which copies are looked for. Programs that miss their data say so; one that fails ends the run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tables import say

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("folder", type=Path, help="where made-up archives are made and kept")
    parser.add_argument("--quick", action="store_true", help="up to 100,000 passages and 5,000 articles only")
    given = parser.parse_args()
    archive, data = str(given.archive.absolute()), str(given.data.absolute())
    for command in _commands(archive, data, str(given.folder.absolute()), quick=given.quick):
        say(f"\n# {' '.join(command)}\n")
        # Flushed before, since the child writes to the same stream.
        subprocess.run([sys.executable, str(HERE / command[0]), *command[1:]], check=True)


def _commands(archive: str, data: str, folder: str, *, quick: bool) -> list[list[str]]:
    passages = ["10000", "30000", "100000", *([] if quick else ["300000", "1000000"])]
    return [
        ["retrieval.py", archive, data],
        ["dates.py", data],
        ["outlets.py", data],
        ["copies.py", archive, "--articles", "5000" if quick else "100000"],
        ["reranker.py", archive, data],
        ["search_speed.py", folder, "--texts", archive, "--passages", *passages],
        [str(HERE.parent / "quality" / "test_floors.py")],
        ["answers.py", archive, data],
        ["asking.py", archive, data],
        ["chat.py", archive],
        ["suggestions.py", archive],
        ["support.py", data],
        ["followups.py", data],
        ["generated.py", archive, data],
    ]


if __name__ == "__main__":
    main()
