"""How long moving an archive's index to a Chroma server takes, and searching it there, exactly, and while it is down.

    python tests/benchmarks/chroma_server.py ARCHIVE URL

``ARCHIVE`` is copied first: it is not changed. ``chroma run --path FOLDER`` starts a server.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from store.archive import Archive, open_archive
from store.chroma_server import ServerAddress

QUERIES = 200
K = 150


def latencies_ms(archive: Archive, queries: np.ndarray) -> tuple[np.ndarray, list[list[int]]]:
    """Return how long finding the ``K`` nearest passages took, and which they were."""
    dense = archive._open_dense()
    dense.compare_vector(queries[0]).nearest(K)
    took, found = [], []
    for query in queries:
        begun = time.perf_counter()
        keys = dense.compare_vector(query).nearest(K)
        took.append(1000 * (time.perf_counter() - begun))
        found.append(keys.tolist())
    return np.array(took), found


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def told(name: str, took: np.ndarray) -> str:
    return f"{name:8} p50 {np.percentile(took, 50):6.1f} ms   p95 {np.percentile(took, 95):6.1f} ms"


def main(source: Path, url: str) -> None:
    server = ServerAddress(url)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copytree(source, Path(folder) / "archive"))
        with open_archive(path, writable=True, server=server) as archive:
            assert archive.server_state().serving is None, "give an archive whose index is on this machine"
            dense = archive._open_dense()
            dense._follow()
            assert dense._sealed is not None
            rng = np.random.default_rng(7)
            rows = np.asarray(dense._sealed.vectors[np.sort(rng.choice(len(dense._sealed), QUERIES, replace=False))])
            # Questions are near what they ask for, and not the same.
            queries = rows + rng.normal(scale=0.3 / np.sqrt(rows.shape[1]), size=rows.shape)
            queries = (queries / np.linalg.norm(queries, axis=1, keepdims=True)).astype(np.float32)
            took, expected = latencies_ms(archive, queries)
            say(told("exact", took))
            begun = time.perf_counter()
            sent = archive.move_to_server()
            say(f"moved    {sent:,} vectors in {time.perf_counter() - begun:.1f} s")
            took, found = latencies_ms(archive, queries)
            say(told("server", took))
            for k in (10, K):
                shares = [len(set(one[:k]) & set(other[:k])) / k for one, other in zip(found, expected, strict=True)]
                say(f"recall@{k} against exact {np.mean(shares):.4f}")
            assert archive._open_dense().take_notices() == ()
            begun = time.perf_counter()
            archive.move_to_local()
            say(f"back     in {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
