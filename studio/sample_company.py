"""The sample company's prototypes: what a newcomer tries before having documents of their own.

Reads the folder `sample_data` beside the package; makes settings and files, and stores nothing.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import NotFound
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.templates.gallery import settings_from, template_named
from studio.prototypes.content.voice import read_voice
from studio.prototypes.prototype_settings import Language, PrototypeSettings
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings

SAMPLE_DATA = Path(__file__).resolve().parent.parent / "sample_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A ready-made prototype: its name, its settings, and its files as (name, content)."""

    name: str
    settings: PrototypeSettings
    files: tuple[tuple[str, bytes], ...]


def sample_of(kind: str, language: str) -> Sample:
    """The sample of a kind in a language ("en" or "zh").

    Raises:
        NotFound: there is none, or the sample data is not installed.
    """
    makers = {
        Chatbot.kind: _chatbot,
        Content.kind: _content,
        Search.kind: _search,
        Recommendation.kind: _recommendation,
        Classifier.kind: _classifier,
    }
    starter = SAMPLE_DATA / "starter.json"
    if language not in ("en", "zh") or kind not in makers or not starter.is_file():
        raise NotFound(
            "There is no sample {kind} in the language {language}.", kind=kind, language=language
        )
    values = json.loads(starter.read_text(encoding="utf-8"))[language][kind]
    return makers[kind](values, "zh" if language == "zh" else "en")


def sample_files(kind: str, language: str) -> tuple[tuple[str, bytes], ...]:
    """What a prototype of a kind that somebody made is given to be tried with, as (name, content).

    That of the kind's sample; where that needs none, as content does, the company's documents.

    Raises:
        NotFound: there is none, or the sample data is not installed.
    """
    return sample_of(kind, language).files or sample_of(Chatbot.kind, language).files


def _chatbot(values: Mapping[str, Any], language: Language) -> Sample:
    folder = SAMPLE_DATA / "documents" / language
    return Sample(
        name=values["name"],
        settings=ChatbotSettings(
            language=language,
            persona=values["persona"],
            tone=values["tone"],
            greeting=values["greeting"],
            starter_questions=tuple(values["starter_questions"]),
        ),
        files=tuple(
            (path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file()
        ),
    )


def _content(values: Mapping[str, Any], language: Language) -> Sample:
    """A template with the voice of the company's own texts; its sheet is `sample_briefs`."""
    voice = read_voice(values["voice_samples"], language)
    empty = ContentSettings(language=language, voice=voice)
    return Sample(
        name=values["name"],
        settings=settings_from(template_named(values["template"], language), empty),
        files=(),
    )


def _search(values: Mapping[str, Any], language: Language) -> Sample:
    return Sample(
        name=values["name"],
        settings=SearchSettings(
            language=language, title=values["title"], suggestions=tuple(values["suggestions"])
        ),
        files=(("products.csv", _catalogue(values["columns"])),),
    )


def _recommendation(values: Mapping[str, Any], language: Language) -> Sample:
    names = ("events.csv", "users.csv")
    return Sample(
        name=values["name"],
        settings=RecommendationSettings(language=language),
        files=(
            ("products.csv", _catalogue(values["columns"])),
            *((name, (SAMPLE_DATA / name).read_bytes()) for name in names),
        ),
    )


def _classifier(values: Mapping[str, Any], language: Language) -> Sample:
    """Mails to the support; some of them have no label yet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("text", "label"))
    with (SAMPLE_DATA / "mails.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == language]
    writer.writerows((row["text"], row["label"]) for row in rows)
    return Sample(
        name=values["name"],
        settings=ClassifierSettings(
            language=language,
            label_meanings=tuple(values["labels"].items()),
            suggestions=tuple(values["suggestions"]),
        ),
        files=(("mails.csv", text.getvalue().encode("utf-8")),),
    )


def _catalogue(columns: Mapping[str, str]) -> bytes:
    """The catalogue with these columns, called as they are for people."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns.values())
    with (SAMPLE_DATA / "products.csv").open(encoding="utf-8", newline="") as file:
        writer.writerows([row[column] for column in columns] for row in csv.DictReader(file))
    return text.getvalue().encode("utf-8")


def sample_queries(language: str) -> bytes:
    """What visitors of the sample company's shop ask in a language ("en" or "zh"), as a CSV file.

    Raises:
        NotFound: the sample data is not installed.
    """
    path = SAMPLE_DATA / "queries.csv"
    if not path.is_file():
        raise NotFound("The sample data is not installed. Upload a list of your own.")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("query", "count"))
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == language]
    writer.writerows((row["query"], row["count"]) for row in rows)
    return text.getvalue().encode("utf-8")


def sample_judgements(language: str) -> bytes:
    """Which articles of the sample's catalogue are right for which query, in a language, as a CSV file.

    Raises:
        NotFound: the sample data is not installed.
    """
    path = SAMPLE_DATA / "judgements.csv"
    if not path.is_file():
        raise NotFound("The sample data is not installed. Upload judgements of your own.")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("query", "document", "grade"))
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == language]
    writer.writerows((row["query"], row["product_id"], row["grade"]) for row in rows)
    return text.getvalue().encode("utf-8")


def sample_questions(language: str) -> bytes:
    """Questions of the sample company's customers with answers and sources, as a CSV file.

    Raises:
        NotFound: the sample data is not installed.
    """
    path = SAMPLE_DATA / "questions.csv"
    if not path.is_file():
        raise NotFound("The sample data is not installed. Upload questions of your own.")
    columns = ("id", "question", "answerable", "answer", "gold_document", "gold_passage")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == language]
    writer.writerows([row[column] for column in columns] for row in rows)
    return text.getvalue().encode("utf-8")


def sample_training_pairs(language: str) -> bytes:
    """Answerable questions of the sample company with passage and answer, as a CSV file.

    Raises:
        NotFound: the sample data is not installed.
    """
    rows = csv.DictReader(io.StringIO(sample_questions(language).decode("utf-8")))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("question", "gold_passage", "answer"))
    writer.writerows(
        (row["question"], row["gold_passage"], row["answer"])
        for row in rows
        if row["answerable"] == "true"
    )
    return text.getvalue().encode("utf-8")


def sample_briefs(language: str) -> bytes:
    """A sheet for product descriptions: the catalogue's articles with their facts, as a CSV file.

    Its columns are called as the template's form calls its fields.

    Raises:
        NotFound: the sample data is not installed.
    """
    path = SAMPLE_DATA / "products.csv"
    if not path.is_file():
        raise NotFound("The sample data is not installed. Upload a sheet of your own.")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("product", "facts", "must_include"))
    with path.open(encoding="utf-8", newline="") as file:
        writer.writerows(_brief(row, language) for row in csv.DictReader(file))
    return text.getvalue().encode("utf-8")


def _brief(row: Mapping[str, str], language: str) -> tuple[str, str, str]:
    """Name, facts and a word that has to occur, of an article."""
    is_chinese = language == "zh"
    weight = f"{row['weight_g']}{'克' if is_chinese else ' g'}"
    price = f"{row['price_usd']}{'美元' if is_chinese else ' USD'}"
    told = (
        [row["description_zh"].split("。")[0]] if is_chinese else [row["material"], row["colour"]]
    )
    name = row["name_zh" if is_chinese else "name_en"]
    return name, "; ".join((weight, price, row["brand"], *told)), weight
