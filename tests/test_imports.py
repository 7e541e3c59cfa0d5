"""The architecture: who imports whom, who owns which library, and what a one-shot command must never load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import REPOSITORY, WEBLOG, child_environment, dateline_command

PACKAGES = ("assistant", "store", "prompts")

# Each package, and the others of ours that it may import.
MAY_IMPORT = {"store": frozenset[str](), "prompts": frozenset[str](), "assistant": frozenset({"store", "prompts"})}

# Nobody imports these but themselves, and the command that starts the chat.
LEAVES = {"assistant.cli": "", "assistant.tui": "assistant.cli.chatting"}

# Each third-party library, and the modules or packages that may import it.
OWNERS = {
    "backports": ("store.readers.packed",),
    "charset_normalizer": ("store.readers.decoding",),
    "chromadb": ("store.collection",),
    "click": ("assistant.cli",),
    "compression": ("store.readers.packed",),  # what backports.zstd is from Python 3.14 on
    "defusedxml": ("store.readers.opml",),
    "feedparser": ("store.readers.feeds",),
    "htmldate": ("store.readers.page",),
    "httpcore": ("store.fetching.connections",),
    "httpx": ("assistant.llm.exchange", "store.fetching.connections"),
    "idna": ("store.fetching.urls",),
    "lxml": ("store.readers.blocks", "store.readers.epub", "store.readers.packages", "store.readers.page"),
    "mammoth": ("store.readers.docx",),
    "markdown_it": ("assistant.tui.answer_text", "store.readers.markdown"),
    "numpy": (
        "store.chroma_server",
        "store.embedding",
        "store.fusion",
        "store.collection",
        "store.index",
        "store.integrity",
        "store.lexical",
        "store.reranking.onnx",
        "store.search",
        "store.vectors",
        "store.word_index",
    ),
    "onnxruntime": ("store.graphs",),
    "sentence_transformers": ("store.embedding.library", "store.reranking.library"),
    "sentencex": ("store.splitting",),
    "pypdfium2": ("store.readers.pdf",),
    "protego": ("store.fetching.robots",),
    "rich": ("assistant.tui",),
    "Stemmer": ("store.words",),
    "textual": ("assistant.tui",),
    "textual_hires_canvas": ("assistant.tui.histogram",),
    "textual_plot": ("assistant.tui.histogram",),
    "tokenizers": ("store.embedding", "store.reranking.onnx"),
    "tomlkit": ("assistant.config_file",),
    "torch": ("store.embedding.library", "store.reranking.library"),
    "trafilatura": ("store.readers.page",),
    "watchfiles": ("store.watching",),
    "xllamacpp": ("assistant.llm.local",),
    "yaml": ("store.readers.markdown",),
}

HELP_MUST_NOT_LOAD = frozenset(
    "torch sentence_transformers transformers chromadb chromadb_rust_bindings textual".split()
    + "numpy onnxruntime httpcore httpx protego sqlite3".split()
)
ASK_MUST_NOT_LOAD = frozenset(
    "torch sentence_transformers transformers chromadb chromadb_rust_bindings textual httpx yaml markdown_it".split()
    + "httpcore protego".split()
)


def module_name(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for package in PACKAGES for path in sorted((REPOSITORY / package).rglob("*.py"))}
each_module = pytest.mark.parametrize("module", MODULES)


def imports_of(module: str) -> Iterator[str]:
    """Yield the full names of the modules that ``module`` imports, wherever in it and for types only too."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def test_every_package_is_looked_at() -> None:
    assert {module.partition(".")[0] for module in MODULES} == set(PACKAGES) == set(MAY_IMPORT)
    assert "assistant.cli.commands" in MODULES


@each_module
def test_packages_import_in_one_direction(module: str) -> None:
    own = module.partition(".")[0]
    imported = {name.partition(".")[0] for name in imports_of(module)}

    assert imported & set(PACKAGES) - {own} <= MAY_IMPORT[own]


@each_module
def test_nobody_imports_a_leaf(module: str) -> None:
    for leaf, starter in LEAVES.items():
        if not is_within(module, leaf) and module != starter:
            assert [name for name in imports_of(module) if is_within(name, leaf)] == []


@each_module
def test_a_library_is_imported_by_its_owner_alone(module: str) -> None:
    for name in imports_of(module):
        library = name.partition(".")[0]
        if library in sys.stdlib_module_names or library in PACKAGES or library == "_typeshed":  # types alone
            continue
        assert library in OWNERS, f"{library} has no owner: enter it in OWNERS"
        assert any(is_within(module, owner) for owner in OWNERS[library]), f"{library} belongs to {OWNERS[library]}"


def test_every_owner_uses_its_library() -> None:
    for library, owners in OWNERS.items():
        for owner in owners:
            users = [module for module in MODULES if is_within(module, owner)]
            used = {name.partition(".")[0] for module in users for name in imports_of(module)}
            assert library in used, f"{owner} no longer uses {library}"


def loaded_by(*arguments: str | Path) -> set[str]:
    """Return the top-level modules that one run of the command line loads, in a process of its own."""
    call = (
        "import sys; from assistant.cli import run; code = run(sys.argv[1:]); "
        "sys.stderr.write('\\n'.join(['', f'code {code}', *{name.partition('.')[0] for name in sys.modules}]))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", call, *map(str, arguments)],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = done.stderr.splitlines()
    assert "code 0" in lines, done.stderr
    return set(lines)


@pytest.mark.parametrize("arguments", [("--help",), ("ask", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) & HELP_MUST_NOT_LOAD == set()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Give a small archive with vectors from the default embedder and an index."""
    (tmp_path / "weblog.txt").write_text(WEBLOG, encoding="utf-8")
    add = dateline_command("-q", "-a", tmp_path / "archive", "add", tmp_path / "weblog.txt")
    subprocess.run(add, env=child_environment(), capture_output=True, timeout=120, check=True)
    return tmp_path / "archive"


def test_one_shot_commands_load_nothing_that_takes_seconds(archive: Path) -> None:
    asked = loaded_by("-a", archive, "ask", "When was the dam built?")
    listed = loaded_by("-a", archive, "list")

    assert asked & ASK_MUST_NOT_LOAD == set()
    assert {"numpy", "onnxruntime"} <= asked  # Dense search took part: nothing was avoided by doing less.
    assert listed & (ASK_MUST_NOT_LOAD | {"numpy", "onnxruntime"}) == set()
