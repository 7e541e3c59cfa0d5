import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.watching import watch_folder

SETTLED_S = 0.1


class Watched:
    """A folder that is watched while the test writes to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notices: list[str] = []
        self.stop = threading.Event()
        self._batches = watch_folder(folder, stop=self.stop, notice=self.notices.append, settled_s=SETTLED_S)

    def first(self) -> list[str]:
        return self._named(next(self._batches))

    def wait_for(self, *names: str) -> list[str]:
        """Return what is given until all of ``names`` were."""
        given: list[str] = []
        while not set(names) <= set(given):
            given += self._named(next(self._batches))
        return given

    def rest(self) -> list[str]:
        """Stop, and return what is still given."""
        self.stop.set()
        return [name for batch in self._batches for name in self._named(batch)]

    def _named(self, batch: list[Path]) -> list[str]:
        return [str(path.relative_to(self.folder)) for path in batch]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "inbox"
    folder.mkdir()
    watched = Watched(folder)
    yield watched
    watched.rest()


def write(path: Path, text: str = "text") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_what_is_there_comes_first(watched: Watched) -> None:
    for name in ("b.txt", "a.html", "c/d.pdf", ".hidden.txt", ".git/config", "half.pdf.part", "draft.txt~", "~$x.docx"):
        write(watched.folder / name)

    assert watched.wait_for("b.txt") == ["a.html", "b.txt", "c/d.pdf"]


def test_an_empty_folder_is_an_empty_batch(watched: Watched) -> None:
    assert watched.first() == []


def test_what_comes_is_given_once(watched: Watched) -> None:
    write(watched.folder / "a.txt")
    watched.wait_for("a.txt")

    write(watched.folder / "b.txt")
    assert watched.wait_for("b.txt") == ["b.txt"]

    (watched.folder / "a.txt").chmod(0o600)
    write(watched.folder / "c.txt")
    assert watched.wait_for("c.txt") == ["c.txt"]


def test_what_changes_is_given_again(watched: Watched) -> None:
    write(watched.folder / "a.txt")
    watched.wait_for("a.txt")

    write(watched.folder / "a.txt", "a longer text")

    assert watched.wait_for("a.txt") == ["a.txt"]


def test_a_download_is_given_under_its_last_name(watched: Watched) -> None:
    watched.first()
    write(watched.folder / "report.pdf.crdownload")
    write(watched.folder / "other.txt")
    assert watched.wait_for("other.txt") == ["other.txt"]

    (watched.folder / "report.pdf.crdownload").rename(watched.folder / "report.pdf")

    assert watched.wait_for("report.pdf") == ["report.pdf"]


def test_a_folder_moved_into_place_is_walked(watched: Watched, tmp_path: Path) -> None:
    watched.first()
    write(tmp_path / "elsewhere" / "deep" / "a.txt")

    (tmp_path / "elsewhere").rename(watched.folder / "moved")

    assert watched.wait_for("moved/deep/a.txt") == ["moved/deep/a.txt"]


def test_a_file_is_given_when_it_is_no_longer_written_to(watched: Watched) -> None:
    watched.first()
    writing = threading.Event()

    def write_slowly() -> None:
        with (watched.folder / "slow.txt").open("w") as file:
            for _ in range(20):
                file.write("a line\n")
                file.flush()
                writing.wait(SETTLED_S / 4)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    watched.wait_for("slow.txt")
    writer.join()

    assert (watched.folder / "slow.txt").stat().st_size == 20 * len("a line\n")


def test_what_a_browser_saves_beside_a_page_is_left_out(watched: Watched) -> None:
    write(watched.folder / "Page.html")
    write(watched.folder / "Page_files" / "logo.svg")
    write(watched.folder / "My_files" / "a.txt")

    assert watched.wait_for("Page.html") == ["My_files/a.txt", "Page.html"]


def test_a_folder_that_is_removed_is_waited_for(watched: Watched) -> None:
    write(watched.folder / "a.txt")
    watched.wait_for("a.txt")
    shutil.rmtree(watched.folder)

    def bring_back(notice: str) -> None:
        watched.notices.append(notice)
        if notice.endswith("come back"):
            write(watched.folder / "b.txt")

    watched._batches = watch_folder(watched.folder, stop=watched.stop, notice=bring_back, settled_s=SETTLED_S)

    assert watched.wait_for("b.txt") == ["b.txt"]
    assert watched.notices == [
        f"{watched.folder} is gone; waiting for it to come back",
        f"{watched.folder} is back",
    ]


def test_a_folder_that_is_replaced_while_watched_is_watched_on(watched: Watched) -> None:
    write(watched.folder / "a.txt")
    watched.wait_for("a.txt")

    shutil.rmtree(watched.folder)
    write(watched.folder / "b.txt")

    assert watched.wait_for("b.txt") == ["b.txt"]


def test_stopping_ends_it(watched: Watched) -> None:
    watched.first()

    assert watched.rest() == []
