"""Does a text bear a statement? AttributionBench dev, WiCE dev (claims) and QAGS, against the share of words found.

Usage: python tests/benchmarks/support.py DATA

Every score is measured without and with the cosine of the embedding model. The first table is of the weights that
``assistant.support`` has; the second fits weights and thresholds anew on each half and measures the other, for five
ways to halve. A set's own threshold is where its scores, calibrated on the half for tuning, are even (WiCE: best F1).
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tables import Cell, say, say_conditions, say_table

from assistant.conversation import Support
from assistant.support import Facts, facts_of, joined, likeliest, signs_of, support_of, support_score
from store.embedding import DEFAULT_EMBEDDER, Embedder, find_weights, open_embedder
from store.splitting import split_sentences
from store.words import content_words

SETS = {
    "AttributionBench": "macro-F1",
    "WiCE": "F1 of supported",
    "QAGS CNN/DM": "balanced accuracy",
    "QAGS XSum": "balanced accuracy",
}
WANTED = {"AttributionBench": 0.74, "WiCE": 0.66, "QAGS CNN/DM": 0.70, "QAGS XSum": 0.70}
HALVES = ("tuned", "held out")
# How often the sets are halved anew. What the squares of the weights cost in the fit.
HALVINGS = 5
RIDGE = 0.01
THRESHOLDS = 80
# Markers and addresses of AttributionBench are no part of a claim or of its reference.
MARKER = re.compile(r"\s*\[\d+\]")
ADDRESS = re.compile(r"^\[\d+\] https?://\S+\s*")

Test = Callable[["Pair"], bool]
Vector = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and its reference, whether people found it borne out, and what names it when its set is halved."""

    dataset: str
    name: str
    claim: str
    text: str
    borne: bool

    @property
    def half(self) -> str:
        return _half(self.name)


@dataclass(frozen=True, slots=True)
class Reading:
    """A pair's facts, and the cosine that the model finds."""

    claim: Facts
    text: Facts
    alike: float


def main() -> None:
    folder = Path(sys.argv[1])
    pairs = [*_read_attribution(folder), *_read_wice(folder), *_read_qags(folder)]
    say_conditions()
    embedder = open_embedder(find_weights(DEFAULT_EMBEDDER))
    readings: dict[Pair, Reading] = {}
    reading_s = comparing_s = 0.0
    for pair in pairs:
        started = time.perf_counter()
        claim, facts, sentences = _read(pair)
        support_score(claim, joined(facts))
        read = time.perf_counter()
        readings[pair] = Reading(claim, joined(facts), _alike(embedder, pair.claim, claim, facts, sentences))
        reading_s, comparing_s = reading_s + read - started, comparing_s + time.perf_counter() - read
    _say_shipped(pairs, readings)
    for name, columns in (("words alone", slice(0, -1)), ("with the cosine", slice(None))):
        _say_crossed(name, pairs, Fit(pairs, readings, columns))
    say(f"{1000 * reading_s / len(pairs):.1f} ms a statement, reading its whole reference;")
    say(f"{1000 * comparing_s / len(pairs):.1f} ms more with the model.")


def _say_shipped(pairs: Sequence[Pair], readings: Mapping[Pair, Reading]) -> None:
    words = {pair: _share_of_words(pair) for pair in pairs}
    least = _best_threshold(pairs, words)
    rows: list[list[Cell]] = [_row("share of words, one threshold", pairs, lambda pair: words[pair] >= least)]
    labelled: dict[str, dict[Pair, Support]] = {}
    for name, has_model in (("words alone", False), ("with the cosine", True)):
        likely, labels = set[Pair](), dict[Pair, Support]()
        for pair, one in readings.items():
            alike = one.alike if has_model else None
            if support_score(one.claim, one.text, alike) >= 0.5:
                likely.add(pair)
            labels[pair] = support_of(one.claim, one.text, Facts(), alike)
        labelled[name] = labels
        supported = {pair for pair, label in labels.items() if label == "supported"}
        rows.append(_row(f"score at least .5, {name}", pairs, likely.__contains__))
        rows.append(_row(f"label 'supported', {name}", pairs, supported.__contains__))
    rows.append(["wanted", *(cell for dataset in SETS for cell in (f"{WANTED[dataset]:.3f}", ""))])
    say_table(["", *(f"{one}, {SETS[one]}, {half}" for one in SETS for half in HALVES)], rows)
    for name, labels in labelled.items():
        _say_labels(name, pairs, labels)


class Fit:
    """The signs of all pairs, and logistic regressions of some of them: every set and label weighs the same."""

    def __init__(self, pairs: Sequence[Pair], readings: Mapping[Pair, Reading], columns: slice) -> None:
        self.pairs = pairs
        self.borne = np.array([pair.borne for pair in pairs])
        self.sets = np.array([list(SETS).index(pair.dataset) for pair in pairs])
        every = ([*signs_of(one.claim, one.text), one.alike] for one in map(readings.__getitem__, pairs))
        self.signs: Vector = np.array(list(every))[:, columns]

    def scores(self, tuned: Mask) -> tuple[Vector, Vector]:
        """Return the scores of all pairs and the weights and biases by set, fitted on ``tuned``; scores lack a bias."""
        mean, spread = self.signs[tuned].mean(axis=0), self.signs[tuned].std(axis=0) + 1e-9
        inputs = np.hstack([(self.signs - mean) / spread, np.eye(len(SETS))[self.sets]])
        costs = np.array([RIDGE] * self.signs.shape[1] + [0.0] * len(SETS))
        found = _logistic(inputs[tuned], self.borne[tuned], self.shares(tuned)[tuned], costs)
        weights = found[: self.signs.shape[1]] / spread
        return self.signs @ weights, np.concatenate([weights, found[self.signs.shape[1] :] - mean @ weights])

    def shares(self, tuned: Mask) -> Vector:
        """Return what each pair weighs: every set and label the same."""
        shares = np.zeros(len(self.pairs))
        for number in range(len(SETS)):
            for label in (True, False):
                those = tuned & (self.sets == number) & (self.borne == label)
                shares[those] = 1 / (2 * len(SETS) * max(1, those.sum()))
        return shares


def _logistic(inputs: Vector, borne: Mask, shares: Vector, costs: Vector) -> Vector:
    """Return the weights of a logistic regression by Newton's method; ``costs`` are those of the squares."""
    weights = np.zeros(inputs.shape[1])
    for _ in range(25):
        chances = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (shares * (chances - borne)) + 2 * costs * weights
        bend = (inputs.T * (shares * chances * (1 - chances))) @ inputs + np.diag(2 * costs + 1e-9)
        weights -= np.linalg.solve(bend, slope)
    return weights


def _say_crossed(name: str, pairs: Sequence[Pair], fit: Fit) -> None:
    found: dict[str, list[list[float]]] = {"one threshold": [], "a set's own threshold": [], "area under ROC": []}
    for halving in range(HALVINGS):
        first = np.array([_half(pair.name, halving) == HALVES[0] for pair in pairs])
        said = {way: np.zeros(len(pairs), dtype=bool) for way in list(found)[:2]}
        areas: list[list[float]] = []
        for tuned in (first, ~first):
            scores, weights = fit.scores(tuned)
            if halving == 0 and tuned is first:
                say(f"{name}, weights and the biases of {', '.join(SETS)}: {np.round(weights, 2).tolist()}")
            said["one threshold"][~tuned] = scores[~tuned] >= _common_threshold(fit, scores, tuned)
            for number, dataset in enumerate(SETS):
                own = fit.sets == number
                least = _own_threshold(dataset, scores[tuned & own], fit.borne[tuned & own])
                said["a set's own threshold"][~tuned & own] = scores[~tuned & own] >= least
            areas.append([_area(scores[m], fit.borne[m]) for m in _by_set(fit, ~tuned)])
        for way, calls in said.items():
            found[way].append(
                [_measure_calls(s, fit.borne[m], calls[m]) for s, m in zip(SETS, _by_set(fit), strict=True)]
            )
        found["area under ROC"].append(np.mean(areas, axis=0).tolist())
    rows: list[list[Cell]] = []
    for way, runs in found.items():
        rows.append([f"{way}, {HALVINGS} halvings", *np.mean(runs, axis=0).tolist(), float(np.mean(runs))])
        rows.append([f"{way}, the first", *runs[0], float(np.mean(runs[0]))])
    rows.append(["wanted", *(f"{WANTED[dataset]:.3f}" for dataset in SETS), ""])
    say_table([f"cross-fitted, {name}", *(f"{one}, {SETS[one]}" for one in SETS), "mean"], rows)


def _by_set(fit: Fit, mask: Mask | None = None) -> Iterator[Mask]:
    for number in range(len(SETS)):
        own: Mask = fit.sets == number
        yield own if mask is None else own & mask


def _common_threshold(fit: Fit, scores: Vector, tuned: Mask) -> float:
    """Return the threshold that measures best, on average over the sets, on the half for tuning."""
    own = list(zip(SETS, _by_set(fit, tuned), strict=True))
    thresholds = np.quantile(scores[tuned], np.linspace(0.05, 0.95, THRESHOLDS))
    means = [np.mean([_measure_calls(s, fit.borne[m], scores[m] >= least) for s, m in own]) for least in thresholds]
    # The mean of five neighbours: the highest peak of a few hundred pairs is chance.
    smooth = np.convolve(np.pad(means, 2, mode="edge"), np.ones(5) / 5, "valid")
    return float(thresholds[int(smooth.argmax())])


def _own_threshold(dataset: str, scores: Vector, borne: Mask) -> float:
    """Return where calibrated chances call these pairs best: where both labels are as likely, or F1 is highest."""
    is_f1 = SETS[dataset] == "F1 of supported"
    shares = np.ones(len(borne)) if is_f1 else np.where(borne, 0.5 / borne.sum(), 0.5 / (~borne).sum()) * len(borne)
    mean, spread = float(scores.mean()), float(scores.std())
    inputs = np.column_stack([(scores - mean) / spread, np.ones(len(scores))])
    slope, bias = _logistic(inputs, borne, shares / len(borne), np.zeros(2))
    even = 0.0
    if is_f1:
        chances = np.sort(1 / (1 + np.exp(-inputs @ np.array([slope, bias]))))[::-1]
        expected = 2 * np.cumsum(chances) / (chances.sum() + np.arange(1, len(chances) + 1))
        least = chances[int(expected.argmax())]
        even = float(np.log(least / (1 - least)))
    return float((even - bias) / slope) * spread + mean


def _area(scores: Vector, borne: Mask) -> float:
    higher = scores[borne][:, None] - scores[~borne][None, :]
    return float(((higher > 0) + 0.5 * (higher == 0)).mean())


def _alike(embedder: Embedder, claim: str, facts: Facts, told: Sequence[Facts], sentences: Sequence[str]) -> float:
    chosen = [sentences[i] for i in likeliest(facts, told)]
    if not chosen:
        return 0.0
    vectors = embedder.embed_passages([claim, *chosen])
    return float(max(vectors[1:] @ vectors[0]))


def _row(name: str, pairs: Sequence[Pair], test: Test) -> list[Cell]:
    return [name, *(_measure([p for p in pairs if (p.dataset, p.half) == (s, h)], test) for s in SETS for h in HALVES)]


def _measure(pairs: Sequence[Pair], test: Test) -> float:
    """Return the measure of the pairs' set, of calling those borne out that pass ``test``."""
    return _measure_calls(pairs[0].dataset, [pair.borne for pair in pairs], [test(pair) for pair in pairs])


def _measure_calls(dataset: str, borne: Sequence[bool] | Mask, called: Sequence[bool] | Mask) -> float:
    passed = list(zip(map(bool, borne), map(bool, called), strict=True))
    supported, rest = _f1(passed), _f1([(not truth, not said) for truth, said in passed])
    measure = SETS[dataset]
    if measure == "macro-F1":
        return (supported + rest) / 2
    return supported if measure == "F1 of supported" else (_recall(passed, of=True) + _recall(passed, of=False)) / 2


def _f1(passed: Sequence[tuple[bool, bool]]) -> float:
    both = sum(truth and said for truth, said in passed)
    return 2 * both / max(1, sum(truth + said for truth, said in passed))


def _recall(passed: Sequence[tuple[bool, bool]], *, of: bool) -> float:
    found = [said == of for truth, said in passed if truth == of]
    return sum(found) / len(found)


def _best_threshold(pairs: Sequence[Pair], scores: dict[Pair, float]) -> float:
    """Return the one threshold for all sets that measures best, on average, on the half for tuning."""
    tuned = [[pair for pair in pairs if (pair.dataset, pair.half) == (dataset, "tuned")] for dataset in SETS]
    thresholds = [step / 50 for step in range(5, 50)]
    return max(thresholds, key=lambda least: sum(_measure(own, lambda pair: scores[pair] >= least) for own in tuned))


def _say_labels(name: str, pairs: Sequence[Pair], labels: Mapping[Pair, Support]) -> None:
    rows: list[list[Cell]] = []
    for dataset in SETS:
        row: list[Cell] = [dataset]
        for label in ("supported", "weak", "unsupported"):
            those = [pair.borne for pair in pairs if pair.dataset == dataset and labels[pair] == label]
            row += [len(those), sum(those) / max(1, len(those))]
        rows.append(row)
    labelled = [f"{label}{what}" for label in ("supported", "weak", "unsupported") for what in ("", ", borne out")]
    say_table([f"label, {name}", *labelled], rows)


def _read(pair: Pair) -> tuple[Facts, list[Facts], list[str]]:
    sentences = [pair.text[start:end] for start, end in split_sentences(pair.text)]
    return facts_of(pair.claim), [facts_of(sentence) for sentence in sentences], sentences


def _share_of_words(pair: Pair) -> float:
    claim = set(content_words(pair.claim))
    return len(claim & set(content_words(pair.text))) / max(1, len(claim))


def _read_attribution(folder: Path) -> list[Pair]:
    return [
        Pair(
            "AttributionBench",
            record["id"],
            MARKER.sub("", record["claim"]),
            "\n".join(ADDRESS.sub("", reference) for reference in record["references"]),
            record["attribution_label"] == "attributable",
        )
        for record in _records(folder / "citation" / "attributionbench_dev.jsonl")
    ]


def _read_wice(folder: Path) -> list[Pair]:
    return [
        Pair(
            "WiCE",
            record["meta"]["id"],
            record["claim"],
            "\n".join(record["evidence"]),
            record["label"] == "supported",
        )
        for record in _records(folder / "citation" / "wice_claim_dev.jsonl")
    ]


def _read_qags(folder: Path) -> list[Pair]:
    names = {"QAGS-cnndm": "QAGS CNN/DM", "QAGS-xsum": "QAGS XSum"}
    return [
        Pair(
            names[record["dataset"]],
            record["id"].rpartition("-")[0],  # Sentences about one article stay together.
            record["claim"],
            record["document"],
            record["label"] == "supported",
        )
        for record in _records(folder / "faithfulness" / "qags.jsonl")
    ]


def _half(name: str, halving: int = 0) -> str:
    salted = f"{name}/{halving}" if halving else name
    return HALVES[hashlib.sha256(salted.encode()).digest()[0] % 2]


# The records are JSON of several forms.
def _records(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        say(f"skipped: the evaluation data is not here ({str(path)!r} is missing)")
        sys.exit(0)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
