"""Archives of made-up articles: stories over ten years whose words are as unevenly spread as those of news."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import accumulate, count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

# Sets the number of BLAS threads, so it must come before numpy, as in the product.
from store.vectors import to_bytes  # isort: skip

import numpy as np

from store.archive import open_archive
from store.catalog import Catalog, create_catalog, open_catalog
from store.embedding import DEFAULT_EMBEDDER, find_weights
from store.generations import Generation, drop_generations, publish_generation
from store.index import CHROMA_FOLDER, KEYS_FILE, VECTORS_FILE
from store.lexical import publish_word_index
from store.records import Draft, SearchFilter
from store.schema import FILE_NAME
from store.sealing import publish_folder
from store.splitting import split_sentences

if TYPE_CHECKING:
    import numpy.typing as npt

    from store.embedding import Vectors

FIRST_DAY, LAST_DAY = date(2014, 1, 1), date(2023, 12, 31)
DIMENSION = 384
OUTLETS = tuple(f"The Made-Up {name} {kind}" for kind in ("Post", "Times") for name in (
    "Abbey Aldgate Bridge Castle Chapel Dale Eastern Ferry Forest Garden Harbour Hill Island Junction Lake Meadow "
    "Northern River Southern Valley"
).split())  # fmt: skip

PASSAGES_OF_ARTICLE = 8
_ARTICLE_WORDS = 200 * PASSAGES_OF_ARTICLE
_UNDATED = 0.02
_ARTICLES_OF_EVENT = 10
# The articles of so many events come in one shuffled heap, as when outlets are added one after the other.
_EVENTS_OF_HEAP = 200
_PUT_BATCH, _VECTOR_BATCH = 500, 1_000

_VOCABULARY = 300_000
# How much of a text is function words, and how flat the head of all others is (Zipf-Mandelbrot): the commonest one
# then stands in about a third of the passages, as 'year' and 'people' do.
_FUNCTION_SHARE, _FLATTENED = 0.45, 25
_FUNCTION_WORDS = """the of to and a in that is for it on was with he be as by at from his have an are has this not but
they had which were their or been one who will its said would her she there more about if can so all when up out than
them we into some could him only other what time no over after you do most also such my where through just before how
between both under during since while these those then because any each very even against until here too own same may
should did why""".split()
_SYLLABLES = [f"{first}{second}" for first in "b d f g k l m n p r s t v z br st tr pl".split() for second in "aeiou"]

# In how many directions the vectors of topics differ, how many events a topic has, and how far events and passages
# lie from their topic.
_INTRINSIC, _EVENTS_OF_TOPIC, _EVENT_SPREAD, _PASSAGE_SPREAD = 48, 20, 0.5, 0.6
# What is added to a real vector in each direction: passages of an event then have a cosine of .74.
_REAL_SPREAD = 0.03


@dataclass(frozen=True, slots=True)
class Cost:
    """What a part of an archive took to make, and holds on the disk."""

    seconds: float
    mb: float


@dataclass(frozen=True, slots=True)
class Made:
    """An archive of made-up articles and what it cost; ``has_chroma`` says whether Chroma was asked to index it."""

    path: Path
    passages: int
    has_chroma: bool
    articles: Cost
    vectors: Cost
    words: Cost
    generation: Cost


class Texts(Protocol):
    """Where the words of articles come from. An event is what its articles share."""

    def begin_event(self) -> object: ...

    def write(self, event: object) -> tuple[str, list[str]]:
        """Return a headline, and the sentences of one article."""


def make_archive(folder: Path, passages: int, texts: Path | None, *, with_chroma: bool) -> Made:
    """Make an archive below ``folder``, or return what is known of one that is already there.

    ``texts`` is an archive whose sentences and vectors the articles are made from; None has both invented.
    """
    path = folder / f"{'drawn' if texts else 'invented'}-{passages}"
    facts = path.with_suffix(".json")
    known: dict[str, list[float]] = json.loads(facts.read_text(encoding="utf-8")) if facts.is_file() else {}
    generation = "Chroma" if with_chroma else "exact"
    path.mkdir(parents=True, exist_ok=True)
    steps: dict[str, Callable[[], None]] = {
        "articles": lambda: _add_articles(path, passages, texts),
        "vectors": lambda: _add_vectors(path, texts),
        "words": lambda: _seal_words(path),
        generation: lambda: _publish(path, with_chroma=with_chroma),
    }
    if generation not in known:  # An archive has one generation at a time.
        drop_generations(path / "index")
        known = {name: cost for name, cost in known.items() if name in steps}
    for name, work in steps.items():
        if name not in known:
            known[name] = _cost(path, work)
            facts.write_text(json.dumps(known), encoding="utf-8")
    costs = [Cost(*known[name]) for name in steps]
    return Made(path, _count(path), with_chroma, *costs)


def invent_articles(seed: int) -> Iterator[Draft]:
    """Yield made-up articles without end, with ids that those of no archive and no other seed have."""
    random = np.random.default_rng(seed)
    return (replace(draft, id=f"{seed}.{draft.id}") for draft in _drafts(_Invented(random), random))


def cut_questions(path: Path, number: int) -> list[str]:
    """Return questions of 5 to 25 words that were cut from the passages of an archive."""
    random = np.random.default_rng(2)
    catalog = open_catalog(path / FILE_NAME, writable=False)
    keys = random.choice(np.fromiter(catalog.all_passage_keys(), dtype=np.int64), number, replace=False)
    texts = [passage.text.split() for passage in catalog.passages(keys.tolist()).values()]
    catalog.close()
    questions = []
    for words, length in zip(texts, random.integers(4, 25, number).tolist(), strict=True):
        start = int(random.integers(0, max(1, len(words) - length)))
        questions.append(" ".join([str(random.choice(_ASKING)), *words[start : start + length]]).rstrip(".,;:") + "?")
    return questions


_ASKING = ("Who", "What", "When", "Where", "Why", "How", "Which")


# -- making ------------------------------------------------------------------------------------------------------------


def _add_articles(path: Path, passages: int, texts: Path | None) -> None:
    for leftover in path.glob(f"{FILE_NAME}*"):
        leftover.unlink()
    catalog = create_catalog(path / FILE_NAME)
    with catalog.transaction():
        catalog.begin_run()
    random = np.random.default_rng(1)
    written = 0
    drafts = _drafts(_Drawn(texts, random) if texts else _Invented(random), random)
    while written < passages:
        with catalog.transaction():
            for draft in islice(drafts, min(_PUT_BATCH, -(-(passages - written) // PASSAGES_OF_ARTICLE))):
                written += catalog.put(draft).passages
    catalog.close()


def _add_vectors(path: Path, texts: Path | None) -> None:
    catalog = create_catalog(path / FILE_NAME)
    weights = find_weights(DEFAULT_EMBEDDER)
    with catalog.transaction():
        for name, value in (
            ("embedder", weights.recipe.name),
            ("digest", weights.digest()),
            ("dimension", str(DIMENSION)),
            ("stamp", weights.stamp()),
            ("light", "true"),
        ):
            catalog.set_setting(name, value)
    pairs = np.array([(one.key, one.article) for one in catalog.passages_to_index(texts=False)], dtype=np.int64)
    random = np.random.default_rng(3)
    # Ids begin with the place of an article among all, and end with its event.
    ids = sorted(ref.id for ref in catalog.articles(SearchFilter()))
    events = np.array([int(one.split("-")[1]) for one in ids], dtype=np.int64)
    space = _real_space(texts, random) if texts else _InventedSpace(int(events.max()) + 1, random)
    for start in range(0, len(pairs), _VECTOR_BATCH):
        keys, articles = pairs[start : start + _VECTOR_BATCH].T
        with catalog.transaction():
            catalog.put_vectors(zip(keys.tolist(), to_bytes(space.points(events[articles - 1])), strict=True))
    catalog.close()


def _seal_words(path: Path) -> None:
    catalog = create_catalog(path / FILE_NAME)
    publish_word_index(catalog, path / "index" / "words")
    catalog.close()


def _publish(path: Path, *, with_chroma: bool) -> None:
    catalog = create_catalog(path / FILE_NAME)
    number, rows = int(catalog.setting("generation") or 0) + 1, catalog.vector_count()
    with catalog.transaction():
        catalog.set_setting("generation", str(number))
    digest = catalog.setting("digest") or ""
    if with_chroma:
        publish_generation(path / "index", catalog.path, number=number, rows=rows, dimension=DIMENSION, embedder=digest)
    else:
        publish_folder(path / "index", number, lambda aside: _write_table(catalog, aside, rows, digest))
    catalog.close()


def _write_table(catalog: Catalog, aside: Path, rows: int, digest: str) -> None:
    """Write a generation whose Chroma is an empty file of a version that no installation has: it is never asked."""
    (aside / CHROMA_FOLDER).mkdir()
    (aside / CHROMA_FOLDER / "chroma.sqlite3").touch()
    last = 0
    with (aside / KEYS_FILE).open("wb") as keys_file, (aside / VECTORS_FILE).open("wb") as vectors_file:
        for sequence, key, vector in catalog.vectors():  # Written in the order of their passages.
            keys_file.write(key.to_bytes(8, "little"))
            vectors_file.write(vector)
            last = sequence
    facts = asdict(Generation(aside, last, rows, DIMENSION, digest, "none"))
    del facts["folder"]
    (aside / "generation.json").write_text(json.dumps(facts), encoding="utf-8")


def _cost(path: Path, work: Callable[[], None]) -> list[float]:
    """Return the seconds that work took, and by how many MB the archive grew."""
    before, began = _mb(path), time.perf_counter()
    work()
    return [time.perf_counter() - began, _mb(path) - before]


def _mb(path: Path) -> float:
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file()) / 1e6


def _count(path: Path) -> int:
    catalog = open_catalog(path / FILE_NAME, writable=False)
    passages = catalog.passage_count()
    catalog.close()
    return passages


# -- articles ----------------------------------------------------------------------------------------------------------


def _drafts(texts: Texts, random: np.random.Generator) -> Iterator[Draft]:
    numbers = count()
    for first in count(0, _EVENTS_OF_HEAP):
        heap = [
            (event, told, begun)
            for event in range(first, first + _EVENTS_OF_HEAP)
            for told, begun in [(texts.begin_event(), _event_day(random))]
            for _ in range(1 + int(random.poisson(_ARTICLES_OF_EVENT - 1)))
        ]
        for place in random.permutation(len(heap)).tolist():
            event, told, begun = heap[place]
            headline, sentences = texts.write(told)
            yield Draft(
                headline,
                "\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4)),
                "-",
                id=f"{next(numbers):08}-{event}",
                outlet=OUTLETS[int(random.integers(len(OUTLETS)))],
                published=_article_day(begun, random),
            )


def _event_day(random: np.random.Generator) -> date:
    """Return a day of the ten years: half of all events lie in the last three."""
    days = (LAST_DAY - FIRST_DAY).days
    return LAST_DAY - timedelta(days=int(days * random.random() ** 1.7))


def _article_day(begun: date, random: np.random.Generator) -> date | None:
    if random.random() < _UNDATED:
        return None
    return min(LAST_DAY, begun + timedelta(days=int(random.exponential(7))))


class _Invented:
    """Texts of English function words and invented others; an event has rare words and names of its own."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._words = [_spelled(number) for number in range(_VOCABULARY)]
        self._chances = _cumulated(1 / (np.arange(_VOCABULARY) + 1 + _FLATTENED))
        self._function_chances = _cumulated(1 / (np.arange(len(_FUNCTION_WORDS)) + 2.7))

    def begin_event(self) -> list[str]:
        rare = [self._words[int(number)] for number in self._random.integers(2_000, _VOCABULARY, 8)]
        names = [" ".join(word.capitalize() for word in pair) for pair in (rare[:2], rare[2:4])]
        return [*names, *rare[4:]]

    def write(self, event: object) -> tuple[str, list[str]]:
        assert isinstance(event, list)
        random, every = self._random, self._draw(_ARTICLE_WORDS)
        # Names and rare words of the event: one word in forty.
        for place in random.integers(0, _ARTICLE_WORDS, _ARTICLE_WORDS // 40).tolist():
            every[place] = event[int(random.integers(len(event)))]
        ends = list(accumulate(random.integers(12, 31, _ARTICLE_WORDS // 12).tolist()))
        spans = zip([0, *ends], [end for end in ends if end < len(every)] + [len(every)], strict=False)
        sentences = [" ".join(every[start:end]) for start, end in spans]
        headline = " ".join([event[int(random.integers(len(event)))], *self._draw(7)])
        return headline, [f"{sentence[:1].upper()}{sentence[1:]}." for sentence in sentences]

    def _draw(self, number: int) -> list[str]:
        at = self._random.random((3, number))
        content = np.searchsorted(self._chances, at[0]).tolist()
        function = np.searchsorted(self._function_chances, at[1]).tolist()
        is_function = (at[2] < _FUNCTION_SHARE).tolist()
        return [
            _FUNCTION_WORDS[place] if short else self._words[number]
            for number, place, short in zip(content, function, is_function, strict=True)
        ]


def _spelled(number: int) -> str:
    """Return a word for a number; common words are short. The last letter is one that the stemmer lets stand."""
    parts = []
    rest = number + len(_SYLLABLES)
    while rest:
        rest, syllable = divmod(rest, len(_SYLLABLES))
        parts.append(_SYLLABLES[syllable])
    return "".join(parts) + "k"


def _cumulated(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    summed = np.cumsum(weights)
    scaled: npt.NDArray[np.float64] = summed / summed[-1]
    return scaled


class _Drawn:
    """Texts of real sentences, shuffled: an event has some of two real articles, the rest is from all of them."""

    def __init__(self, texts: Path, random: np.random.Generator) -> None:
        self._random = random
        with open_archive(texts) as archive:
            bodies = (archive.article(ref.id).body for ref in list(archive.articles()))
            self._articles = [_sentences(body) for body in bodies]
        self._articles = [sentences for sentences in self._articles if len(sentences) >= 5]
        self._every = [sentence for sentences in self._articles for sentence in sentences]

    def begin_event(self) -> list[str]:
        chosen = self._random.integers(0, len(self._articles), 2).tolist()
        return [sentence for article in chosen for sentence in self._articles[article]]

    def write(self, event: object) -> tuple[str, list[str]]:
        assert isinstance(event, list)
        own = self._take(event, 15)
        words, sentences = 0, []
        for sentence in self._take(self._every, _ARTICLE_WORDS):
            # The sentences of the event stand among the others.
            taken = own.pop() if own and self._random.random() < 0.2 else sentence
            sentences.append(taken)
            words += taken.count(" ") + 1
            if words >= _ARTICLE_WORDS:
                break
        return " ".join(self._take(event, 1)[0].split()[:10]).rstrip(".,;:"), sentences

    def _take(self, sentences: list[str], number: int) -> list[str]:
        return [sentences[place] for place in self._random.integers(0, len(sentences), number).tolist()]


def _sentences(body: str) -> list[str]:
    spans = split_sentences(body)
    return [body[start:end] for start, end in spans if 5 <= body.count(" ", start, end) < 60]


# -- vectors -----------------------------------------------------------------------------------------------------------


class Space(Protocol):
    def points(self, events: npt.NDArray[np.int64]) -> Vectors:
        """Return one vector of norm 1 for each passage, given its event."""


class _InventedSpace:
    """Points near events, which lie near topics, in a space of few dimensions, turned into many, with some noise."""

    def __init__(self, events: int, random: np.random.Generator) -> None:
        self._random = random
        self._turn = _normal(random, _INTRINSIC, DIMENSION)
        topics = _normal(random, max(1, events // _EVENTS_OF_TOPIC), _INTRINSIC)
        self._centres = topics[random.integers(0, len(topics), events)]
        self._centres += _EVENT_SPREAD * _normal(random, events, _INTRINSIC)

    def points(self, events: npt.NDArray[np.int64]) -> Vectors:
        inner = self._centres[events] + _PASSAGE_SPREAD * _normal(self._random, len(events), _INTRINSIC)
        return _unit(inner @ self._turn + 0.5 * _normal(self._random, len(events), DIMENSION))


class _RealSpace:
    """Points near real vectors, one for each event."""

    def __init__(self, centres: Vectors, random: np.random.Generator) -> None:
        self._random = random
        self._centres = centres

    def points(self, events: npt.NDArray[np.int64]) -> Vectors:
        # Neighbours among the real ones are of one article: events lie far from each other.
        centres = self._centres[events * 7_919 % len(self._centres)]
        return _unit(centres + _REAL_SPREAD * _normal(self._random, len(events), DIMENSION))


def _real_space(texts: Path, random: np.random.Generator) -> _RealSpace:
    catalog = open_catalog(texts / FILE_NAME, writable=False)
    joined = b"".join(vector for _, _, vector in catalog.vectors())
    catalog.close()
    return _RealSpace(np.frombuffer(joined, dtype="<f4").reshape(-1, DIMENSION), random)


def _normal(random: np.random.Generator, *shape: int) -> Vectors:
    return random.standard_normal(shape, dtype=np.float32)


def _unit(points: Vectors) -> Vectors:
    unit: Vectors = points / np.linalg.norm(points, axis=1, keepdims=True)
    return unit
