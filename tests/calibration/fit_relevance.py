"""Fits the weights of `studio/retrieval/relevance.py` on public data; prints them with their quality.

    python -m tests.calibration.fit_relevance FOLDER_OF_DATA_SETS [ID_OF_A_MODEL] [--closely]

The model is one of the catalogue, the default one if none is named. With `--closely` the cosine is that
of the passage's closest sentence, and only the proportion of the weights is of use: the constant is set
on how users ask (see there).

Positives: the first hit, where it is from the passage the question was written for. Negatives: the
first hit for the same question with that whole article taken out of the index, and for questions of
another data set of the same language. Half of the articles are fitted on, the other half gives the
quality. The questions of the public sets repeat the words of their passages far more than users'
questions do. So the threshold is set with room: at a relevance of 0.5 one right hit in forty of theirs
would be refused; and the curve is made half as steep as it is fitted, which changes no order.
Data: XQuAD en and zh, CMRC 2018 dev, deepset COVID FAQ. Takes some minutes on two cores.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.config import Settings
from studio.inference.builtin_models import BUILTIN_MODELS, MINILM
from studio.inference.loading import EngineLoader
from studio.inference.protocol import EmbeddingEngine
from studio.inference.provisioning import Provisioner
from studio.prototypes.close_reading import sentences_of_passage
from studio.records import Chunk, Document, Page
from studio.retrieval.chunking import chunk_document
from studio.retrieval.fusion import reciprocal_rank_fusion
from studio.retrieval.lexical import LexicalIndex
from studio.retrieval.reference import REFERENCE_TEXTS
from studio.retrieval.relevance import QueryTerms, background_of
from studio.retrieval.terms import terms_of

# Each set, the one whose questions are strange to it, and its script.
SETS = {
    "xquad_en": ("covid_faq", "latin"),
    "covid_faq": ("xquad_en", "latin"),
    "xquad_zh": ("cmrc2018_zh", "cjk"),
    "cmrc2018_zh": ("xquad_zh", "cjk"),
}
MAX_QUESTIONS, MAX_ARTICLES, N_CANDIDATES, BATCH = 800, 500, 50, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Passages with the article each is from, and questions with the passage id that answers."""

    chunks: list[Chunk]
    articles: dict[str, str]
    questions: list[tuple[str, str]]
    vectors: np.ndarray
    question_vectors: np.ndarray
    sentences: list[np.ndarray] | None
    """Of each passage the vectors of its sentences, `(n, dim)`; None where they are not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    script: str
    is_positive: bool
    is_held_out: bool
    cosine: float
    coverage: float


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def load(folder: Path, name: str, model: EmbeddingEngine, *, closely: bool) -> Collection:
    if name == "covid_faq":
        entries = rows(folder / name / "faq.jsonl")
        texts = {entry["id"]: entry["answer"] for entry in entries}
        articles = {entry["id"]: entry["id"] for entry in entries}
        questions = [(entry["question"], entry["id"]) for entry in entries]
    else:
        entries = rows(folder / name / "corpus.jsonl")[:MAX_ARTICLES]
        texts = {entry["_id"]: entry["text"] for entry in entries}
        articles = {entry["_id"]: entry["title"] for entry in entries}
        found = [(row["question"], row["doc_id"]) for row in rows(folder / name / "qa.jsonl")]
        found = [pair for pair in found if pair[1] in texts]
        order = np.random.default_rng(0).permutation(len(found))[:MAX_QUESTIONS]
        questions = [found[at] for at in order]
    chunks: list[Chunk] = []
    for key, text in texts.items():
        document = Document(document_id=key, name=articles[key], pages=(Page(text=text),))
        chunks += chunk_document(document, first_chunk_id=len(chunks))
    return Collection(
        chunks=chunks,
        articles=articles,
        questions=questions,
        vectors=encode(model, [chunk.text for chunk in chunks]),
        question_vectors=encode(model, [question for question, _ in questions]),
        sentences=sentence_vectors(model, chunks) if closely else None,
    )


def sentence_vectors(model: EmbeddingEngine, chunks: list[Chunk]) -> list[np.ndarray]:
    texts = [sentences_of_passage(chunk) or [chunk.text] for chunk in chunks]
    vectors = encode(model, [text for sentences in texts for text in sentences])
    return np.split(vectors, np.cumsum([len(sentences) for sentences in texts])[:-1])


def encode(model: EmbeddingEngine, texts: list[str]) -> np.ndarray:
    prepared = model.prepare(texts, "passage")
    vectors = np.empty((len(texts), model.info.dim), np.float32)
    order = sorted(range(len(texts)), key=lambda row: prepared[row].n_tokens)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        vectors[batch] = model.finish(model.forward([prepared[row] for row in batch]))
    return vectors


class Searcher:
    """First hits of a collection, with articles taken out."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.lexical = LexicalIndex.build(chunk.text for chunk in collection.chunks)
        self.terms = [set(terms_of(chunk.text)) for chunk in collection.chunks]
        self.article = np.array([collection.articles[c.document_id] for c in collection.chunks])
        self.rows_of: dict[str, set[int]] = {}
        for row, terms in enumerate(self.terms):
            for term in terms:
                self.rows_of.setdefault(term, set()).add(row)

    def first(
        self, question: str, vector: np.ndarray, without: str | None
    ) -> tuple[int, float, float]:
        """Row, cosine and coverage of the first hit."""
        terms = terms_of(question)
        is_in = self.article != without if without is not None else np.full(len(self.article), True)
        cosines = np.where(is_in, self.collection.vectors @ vector, -np.inf)
        bm25 = np.where(is_in, self.lexical.scores(terms), 0.0)
        nearest = np.argsort(-cosines, kind="stable")[:N_CANDIDATES].tolist()
        wordy = [r for r in np.argsort(-bm25, kind="stable")[:N_CANDIDATES].tolist() if bm25[r] > 0]
        row = reciprocal_rank_fusion([nearest, wordy])[0][0]
        out = set(np.flatnonzero(~is_in).tolist())

        def frequency(term: str) -> int:  # as the index without the article would have it
            return len(self.rows_of.get(term, set()) - out)

        weighted = QueryTerms.of(terms, frequency, len(is_in) - len(out))
        coverage = weighted.coverage_by(self.terms[row])
        sentences = self.collection.sentences
        cosine = cosines[row] if sentences is None else (sentences[row] @ vector).max()
        return row, float(cosine), coverage


def samples_of(name: str, collections: dict[str, Collection]) -> list[Sample]:
    other, script = SETS[name]
    own, strange = collections[name], collections[other]
    searcher = Searcher(own)
    samples: list[Sample] = []

    def add(article: str, is_positive: bool, found: tuple[int, float, float]) -> None:
        is_held_out = hashlib.sha256(article.encode()).digest()[0] % 2 == 1
        samples.append(
            Sample(
                script=script,
                is_positive=is_positive,
                is_held_out=is_held_out,
                cosine=found[1],
                coverage=found[2],
            )
        )

    for (question, gold), vector in zip(own.questions, own.question_vectors, strict=True):
        article = own.articles[gold]
        found = searcher.first(question, vector, None)
        if own.chunks[found[0]].document_id == gold:
            add(article, True, found)
        # The FAQ answers many questions several times: without one the answer is still there.
        if name != "covid_faq":
            add(article, False, searcher.first(question, vector, article))
    for (question, _), vector in list(
        zip(strange.questions, strange.question_vectors, strict=True)
    )[:300]:
        add(question, False, searcher.first(question, vector, None))
    return samples


def fit(script: str, samples: list[Sample], model: EmbeddingEngine) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    background = background_of(encode(model, list(REFERENCE_TEXTS[script])))
    features = np.array(
        [[(s.cosine - background.mean) / background.std, s.coverage] for s in samples]
    )
    labels = np.array([s.is_positive for s in samples])
    held_out = np.array([s.is_held_out for s in samples])
    logistic = LogisticRegression(C=100, class_weight="balanced")
    logistic.fit(features[~held_out], labels[~held_out])
    logits = features @ (logistic.coef_[0] / 2)
    floors = {share: np.percentile(logits[labels & ~held_out], share) for share in (2.5, 5)}
    constant = -floors[2.5]
    logits += constant
    strict = floors[5] + constant
    right, wrong = logits[held_out & labels], logits[held_out & ~labels]
    sys.stdout.write(
        f"{script}: background mean {background.mean:.3f}, std {background.std:.3f}\n"
        f"  constant {constant:.2f}, cosine {logistic.coef_[0, 0] / 2:.2f}, "
        f"coverage {logistic.coef_[0, 1] / 2:.2f}\n"
        f"  held out: {len(right)} right and {len(wrong)} wrong hits, "
        f"AUC {roc_auc_score(labels[held_out], logits[held_out]):.3f}\n"
    )
    for level in (0.0, strict):
        sys.stdout.write(
            f"  at {1 / (1 + np.exp(-level)):.2f}: {np.mean(right < level):.1%} of the right are "
            f"refused, {np.mean(wrong >= level):.1%} of the wrong pass\n"
        )


def main(folder: Path, model_id: str, *, closely: bool) -> None:
    spec = next(spec for spec in BUILTIN_MODELS if spec.id == model_id)
    settings = Settings.from_env()
    provisioner = Provisioner(settings)
    loader = EngineLoader(
        spec,
        provisioner.ensure(spec),
        settings,
        lambda _: None,
        lambda: provisioner.transformers_folder(spec),
    )
    model = loader.embedding()
    collections = {name: load(folder, name, model, closely=closely) for name in SETS}
    samples = [sample for name in SETS for sample in samples_of(name, collections)]
    for script in ("latin", "cjk"):
        fit(script, [sample for sample in samples if sample.script == script], model)


if __name__ == "__main__":
    named = [argument for argument in sys.argv[1:] if argument != "--closely"]
    main(Path(named[0]), (*named, MINILM.id)[1], closely="--closely" in sys.argv)
