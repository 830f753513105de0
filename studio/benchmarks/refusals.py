"""How often a chatbot refuses what its documents answer, and answers what they do not, by the threshold.

Part of `studio bench evaluation`. Three collections: the sample company's in two languages, whose
questions say whether they can be answered, and public paragraphs of which every second article is left
out, so that the questions about it cannot be. Nothing is written: what is compared is the relevance of
the best passage, as an answer compares it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.prototype_settings import Language
from studio.records import Notice
from studio.sample_company import SAMPLE_DATA
from studio.workbench import Workbench

MULTILINGUAL = "use-multilingual-v3"
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6)
MAX_REFUSED = 0.16
"""Of the sample company's answerable questions at the usual threshold, by the model of the language."""
N_PUBLIC, N_QUICK = 400, 100
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalMeasure:
    """One collection searched by one model.

    `refused_answerable` and `refused_unanswerable` are shares by threshold, those of `THRESHOLDS`.
    `is_default` says that the model is the one a newcomer gets for the sample in this language.
    """

    collection: str
    model: str
    n_answerable: int
    n_unanswerable: int
    refused_answerable: tuple[float, ...]
    refused_unanswerable: tuple[float, ...]
    is_default: bool

    @property
    def is_passed(self) -> bool:
        """Whether few enough answerable questions are refused, where a newcomer would see it."""
        usual = THRESHOLDS.index(ChatbotSettings().min_relevance)
        return not self.is_default or self.refused_answerable[usual] <= MAX_REFUSED

    def as_lines(self) -> list[str]:
        """For the terminal: a line per threshold."""
        usual = ChatbotSettings().min_relevance
        lines = [
            f"{self.collection}, {self.model}: {self.n_answerable} answerable and "
            f"{self.n_unanswerable} unanswerable questions"
        ]
        shares = zip(THRESHOLDS, self.refused_answerable, self.refused_unanswerable, strict=True)
        for threshold, answerable, unanswerable in shares:
            mark = " (usual)" if threshold == usual else ""
            lines.append(
                f"  threshold {threshold:.2f}: refused {answerable:6.1%} of the answerable, "
                f"{unanswerable:6.1%} of the unanswerable{mark}"
            )
        return lines


def measure_refusals(
    workbench: Workbench, data: Path, *, quick: bool, progress: Callable[[Notice], None]
) -> tuple[RefusalMeasure, ...]:
    """Measure every collection by the default model of its language, and by the multilingual one.

    Args:
        workbench: an empty one; chatbots are made in it.
        data: folder of the public data sets; those that are not there are left out.
        quick: fewer questions of the public sets.
        progress: told what is being done.

    Raises:
        StudioError: a model failed.
    """
    measures = []
    for language in LANGUAGES:
        bot = workbench.create_chatbot(f"Sample {language}", ChatbotSettings(language=language))
        folder = SAMPLE_DATA / "documents" / language
        files = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
        asked = list(_sample_questions(language))
        models = dict.fromkeys(("", *((MULTILINGUAL,) if language == "en" else ())))
        for model in models:
            progress(Notice("Asking the sample company's questions"))
            measures.append(
                _measured(bot, f"sample company, {language}", files, asked, model, is_sample=True)
            )
    for language in LANGUAGES:
        folder = data / f"xquad_{language}"
        if not (folder / "qa.jsonl").is_file():
            continue
        progress(Notice("Asking questions about half of the public paragraphs"))
        files, asked = _half(folder, N_QUICK if quick else N_PUBLIC)
        bot = workbench.create_chatbot(f"XQuAD {language}", ChatbotSettings(language=language))
        name = f"half of xquad_{language}"
        measures.append(_measured(bot, name, files, asked, "", is_sample=False))
    return tuple(measures)


def _measured(
    bot: Chatbot,
    collection: str,
    files: Sequence[tuple[str, bytes]],
    asked: Sequence[tuple[str, bool]],
    model: str,
    *,
    is_sample: bool,
) -> RefusalMeasure:
    bot.configure(replace(bot.settings, embedding_model=model))
    for name, content in files:
        bot.add_file(name, content)
    bot.update_index().result()
    settings = replace(bot.settings, min_relevance=0.0)
    best: dict[bool, list[float]] = {True: [], False: []}
    for question, is_answerable in asked:
        found = bot.bench.find(question, settings).results
        best[is_answerable].append(max((one.hit.relevance for one in found), default=0.0))
    return RefusalMeasure(
        collection=collection,
        model=bot.embedding_model,
        n_answerable=len(best[True]),
        n_unanswerable=len(best[False]),
        refused_answerable=_refused(best[True]),
        refused_unanswerable=_refused(best[False]),
        is_default=is_sample and not model,
    )


def _refused(relevances: Sequence[float]) -> tuple[float, ...]:
    """The share that is below each threshold; 0 where nothing was asked."""
    n = max(1, len(relevances))
    return tuple(sum(value < threshold for value in relevances) / n for threshold in THRESHOLDS)


def _sample_questions(language: str) -> Iterator[tuple[str, bool]]:
    """Each question of the sample company, and whether a document answers it."""
    with (SAMPLE_DATA / "questions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["language"] == language:
                yield row["question"], row["answerable"] == "true"


def _half(folder: Path, n: int) -> tuple[list[tuple[str, bytes]], list[tuple[str, bool]]]:
    """Every second article's paragraphs as files, and `n` questions at equal distances about all."""
    paragraphs = _rows(folder / "corpus.jsonl")
    titles = list(dict.fromkeys(row["title"] for row in paragraphs))
    kept = set(titles[::2])
    ids = {row["_id"] for row in paragraphs if row["title"] in kept}
    files = [(f"{row['_id']}.txt", row["text"].encode()) for row in paragraphs if row["_id"] in ids]
    questions = _rows(folder / "qa.jsonl")
    chosen = questions[:: max(1, len(questions) // n)][:n]
    return files, [(row["question"], row["doc_id"] in ids) for row in chosen]


def _rows(path: Path) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]
