"""Checks of the sample company: counts, references, quotations, determinism and signal."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[3] / "sample_data"
LANGUAGES = ("en", "zh")
SPLIT = "2025-10-01"
WEIGHTS = {"view": 1.0, "cart": 2.0, "buy": 3.0, "rating": 0.0}
TEMPLATES = {
    "product description",
    "ad",
    "email",
    "blog outline",
    "social post",
    "faq",
    "seo",
}

Row = dict[str, str]


@cache
def table(name: str) -> list[Row]:
    """Read one of the tables."""
    with (ROOT / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def document(language: str, name: str) -> str:
    """Return the text of a document, as a reader of the studio would get it."""
    path = ROOT / "documents" / language / name
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in PdfReader(path).pages)
    return path.read_text(encoding="utf-8")


def squeeze(text: str) -> str:
    """Drop all whitespace, since lines of a PDF may break anywhere."""
    return re.sub(r"\s+", "", text)


def names(language: str) -> list[str]:
    """Return the file names of the documents in a language."""
    return sorted(path.name for path in (ROOT / "documents" / language).iterdir())


def assert_unique(rows: list[Row], column: str) -> None:
    """Fail where a value occurs twice."""
    twice = [value for value, count in Counter(row[column] for row in rows).items() if count > 1]
    assert twice == []


def test_no_package_marker_and_size() -> None:
    assert not (ROOT / "__init__.py").exists()
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < 6_000_000


def test_both_languages_have_the_same_documents() -> None:
    assert names("en") == names("zh")
    kinds = Counter(Path(name).suffix for name in names("en"))
    assert sum(kinds.values()) >= 20
    assert set(kinds) == {".md", ".txt", ".csv", ".pdf"}
    assert kinds[".csv"] >= 2
    assert kinds[".pdf"] >= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_documents_have_substance(language: str) -> None:
    for name in names(language):
        text = document(language, name)
        size = len(text.split()) if language == "en" else len(squeeze(text)) // 2
        assert 150 <= size <= 800, name


def test_plain_files_use_unix_lines() -> None:
    plain = [p for p in ROOT.rglob("*") if p.suffix in {".md", ".txt", ".csv", ".json", ".py"}]
    assert len(plain) > 60
    assert [path.name for path in plain if b"\r" in path.read_bytes()] == []


@pytest.mark.parametrize("name", ["shipping_rates.csv", "repair_prices.csv", "size_chart.csv"])
def test_tables_agree_between_languages(name: str) -> None:
    english = table(f"documents/en/{name}")
    chinese = table(f"documents/zh/{name}")
    assert 10 <= len(english) <= 30
    numeric = [c for c in english[0] if re.search(r"usd|_cm|days|weight|size|zone", c)]
    assert numeric
    for left, right in zip(english, chinese, strict=True):
        assert [left[c] for c in numeric] == [right[c] for c in numeric]


def test_amounts_of_money_agree_between_languages() -> None:
    missing = []
    for name in names("en"):
        chinese = document("zh", name).replace(",", "")
        for amount in re.findall(r"\$(\d[\d,]*(?:\.\d\d)?)", document("en", name)):
            if amount.replace(",", "") not in chinese:
                missing.append((name, amount))
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdfs_have_pages_and_the_text_of_their_sources(language: str) -> None:
    sources = sorted((ROOT / "sources" / "pdf" / language).glob("*.txt"))
    assert len(sources) >= 2
    for source in sources:
        path = ROOT / "documents" / language / f"{source.stem}.pdf"
        assert path.stat().st_size < 300_000
        assert len(PdfReader(path).pages) >= 2
        text = squeeze(document(language, path.name))
        footer = re.compile(r"Maple&Tide-page\d" if language == "en" else r"枫汐第\d页")
        for line in source.read_text(encoding="utf-8").splitlines():
            assert squeeze(line.lstrip("# ")) in footer.sub("", text)


def test_questions_are_many_and_balanced() -> None:
    rows = table("questions.csv")
    assert_unique(rows, "id")
    counts = Counter((row["language"], row["answerable"]) for row in rows)
    assert set(counts) == {(lang, flag) for lang in LANGUAGES for flag in ("true", "false")}
    for language in LANGUAGES:
        assert counts[language, "true"] >= 90
        assert counts[language, "false"] >= 30
        texts = [row["question"] for row in rows if row["language"] == language]
        assert len(texts) >= 120
        assert len(set(texts)) == len(texts)
    kinds = {row["kind"] for row in rows}
    assert kinds == {"fact", "howto", "comparison", "unanswerable"}


def test_gold_passages_are_verbatim() -> None:
    wrong = []
    for row in table("questions.csv"):
        if row["answerable"] == "false":
            continue
        text = document(row["language"], row["gold_document"])
        passage = row["gold_passage"]
        if row["gold_document"].endswith(".pdf"):
            found = squeeze(passage) in squeeze(text)
        else:
            found = passage in text
        if not (found and 20 <= len(passage) <= 300 and row["answer"]):
            wrong.append(row["id"])
    assert wrong == []


def test_unanswerable_questions_name_no_source() -> None:
    for row in table("questions.csv"):
        empty = not (row["answer"] or row["gold_document"] or row["gold_passage"])
        assert empty == (row["answerable"] == "false")
        assert empty == (row["kind"] == "unanswerable")


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_cover_every_document(language: str) -> None:
    used = {row["gold_document"] for row in table("questions.csv") if row["language"] == language}
    assert used - {""} == set(names(language))


def test_catalogue_is_unique_and_well_formed() -> None:
    rows = table("products.csv")
    assert len(rows) >= 300
    columns = ("product_id", "name_en", "name_zh", "description_en", "description_zh")
    for column in columns:
        assert_unique(rows, column)
    assert len({row["subcategory"] for row in rows}) >= 25
    for row in rows:
        assert 40 <= len(row["description_en"].split()) <= 90, row["product_id"]
        assert float(row["price_usd"]) > 0
        assert int(row["weight_g"]) > 0
        assert int(row["stock"]) >= 0
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", row["launched_on"])


def test_first_sentences_of_descriptions_differ() -> None:
    openings = [" ".join(row["description_en"].split()[:6]) for row in table("products.csv")]
    assert len(set(openings)) == len(openings)


def test_events_refer_to_users_and_products() -> None:
    users = {row["user_id"]: row for row in table("users.csv")}
    products = {row["product_id"]: row for row in table("products.csv")}
    events = table("events.csv")
    assert len(users) >= 800
    assert len(events) >= 20_000
    assert_unique(table("users.csv"), "user_id")
    stamp = re.compile(r"2025-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    for row in events:
        assert stamp.fullmatch(row["timestamp"])
        day = row["timestamp"][:10]
        assert users[row["user_id"]]["joined_on"] <= day
        assert products[row["product_id"]]["launched_on"] <= day
        assert (row["rating"] in {"1", "2", "3", "4", "5"}) == (row["event"] == "rating")
    assert {row["event"] for row in events} == set(WEIGHTS)
    assert [row["timestamp"] for row in events] == sorted(row["timestamp"] for row in events)


def test_log_has_the_documented_oddities() -> None:
    events = table("events.csv")
    lines = Counter(tuple(row.values()) for row in events)
    assert 30 <= sum(count - 1 for count in lines.values()) <= 60
    active = Counter(row["user_id"] for row in events)
    silent = [row["user_id"] for row in table("users.csv") if active[row["user_id"]] == 0]
    assert 10 <= len(silent) <= 60
    buyers = {row["user_id"] for row in events if row["event"] != "view"}
    bots = [user for user, count in active.items() if count > 100 and user not in buyers]
    assert len(bots) == 6


def test_every_purchase_follows_a_view_and_a_cart() -> None:
    seen: set[tuple[str, str, str]] = set()
    before = {"cart": "view", "buy": "cart", "rating": "buy"}
    for row in table("events.csv"):
        key = (row["user_id"], row["product_id"])
        if row["event"] in before:
            assert (*key, before[row["event"]]) in seen
        seen.add((*key, row["event"]))


def _matrices() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    users = {row["user_id"]: place for place, row in enumerate(table("users.csv"))}
    products = {row["product_id"]: place for place, row in enumerate(table("products.csv"))}
    past = np.zeros((len(users), len(products)))
    future = np.zeros(past.shape, dtype=np.bool_)
    for row in table("events.csv"):
        place = users[row["user_id"]], products[row["product_id"]]
        if row["timestamp"] < SPLIT:
            past[place] += WEIGHTS[row["event"]]
        elif row["event"] in {"cart", "buy"}:
            future[place] = True
    return past, future & (past == 0)


def _recall(
    scores: NDArray[np.float64], past: NDArray[np.float64], future: NDArray[np.bool_]
) -> float:
    ranked = np.argsort(-np.where(past > 0, -1.0, scores), axis=1, kind="stable")[:, :20]
    hits = np.take_along_axis(future, ranked, axis=1).sum(axis=1)
    wanted = future.sum(axis=1)
    counted = (wanted > 0) & (past.sum(axis=1) > 0)
    return float((hits[counted] / wanted[counted]).mean())


def test_neighbours_beat_popularity_in_recall_at_20() -> None:
    past, future = _matrices()
    strength = np.log1p(past)
    norms = np.linalg.norm(strength, axis=0)
    norms[norms == 0] = 1.0
    similarity = (strength.T @ strength) / np.outer(norms, norms)
    np.fill_diagonal(similarity, 0.0)
    neighbours = _recall(strength @ similarity, past, future)
    popular = _recall(np.tile((past > 0).sum(axis=0).astype(float), (len(past), 1)), past, future)
    sys.stdout.write(f"recall@20: item kNN {neighbours:.3f}, popularity {popular:.3f}\n")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"| Item kNN (cosine) | {neighbours:.3f} |" in readme
    assert f"| Popularity | {popular:.3f} |" in readme
    assert neighbours > 2.5 * popular


@pytest.mark.parametrize(
    ("script", "outputs"),
    [("make_catalogue.py", ["products.csv"]), ("make_events.py", ["users.csv", "events.csv"])],
)
def test_generators_reproduce_the_files(script: str, outputs: list[str], tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / script), "--out", str(tmp_path)], check=True)
    for name in outputs:
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes(), name


def test_another_seed_gives_another_catalogue(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "make_catalogue.py"), "--out", str(tmp_path)]
    subprocess.run([*command, "--seed", "7"], check=True)
    assert (tmp_path / "products.csv").read_bytes() != (ROOT / "products.csv").read_bytes()


def test_briefs_are_complete() -> None:
    rows = table("briefs.csv")
    assert len(rows) >= 40
    assert_unique(rows, "id")
    products = {row["product_id"] for row in table("products.csv")}
    assert {row["template"] for row in rows} == TEMPLATES
    assert {row["language"] for row in rows} == set(LANGUAGES)
    for row in rows:
        assert row["product_id"] == "" or row["product_id"] in products
        assert all(row[column] for column in ("audience", "tone", "facts", "must_include"))
        assert 20 <= int(row["length_words"]) <= 400


def test_starter_questions_are_answerable() -> None:
    starter = json.loads((ROOT / "starter.json").read_text(encoding="utf-8"))
    assert set(starter) == set(LANGUAGES)
    for language in LANGUAGES:
        settings = starter[language]["chatbot"]
        assert set(settings) == {"name", "persona", "tone", "greeting", "starter_questions"}
        known = {
            row["question"]
            for row in table("questions.csv")
            if row["language"] == language and row["answerable"] == "true"
        }
        assert len(settings["starter_questions"]) == 4
        assert set(settings["starter_questions"]) <= known


def test_the_sample_search_takes_columns_that_there_are() -> None:
    starter = json.loads((ROOT / "starter.json").read_text(encoding="utf-8"))
    present = set(table("products.csv")[0])
    for language in LANGUAGES:
        settings = starter[language]["search"]
        assert set(settings) == {"name", "title", "suggestions", "columns"}
        assert set(settings["columns"]) <= present
        assert len(set(settings["columns"].values())) == len(settings["columns"])
        assert len(settings["suggestions"]) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_queries_are_unique_and_some_ask_for_what_the_catalogue_lacks(language: str) -> None:
    rows = [row for row in table("queries.csv") if row["language"] == language]
    assert 60 <= len(rows) <= 80
    assert_unique([{"query": row["query"].casefold()} for row in rows], "query")
    assert all(int(row["count"]) >= 1 for row in rows)
    names = " ".join(row[f"name_{language}"].casefold() for row in table("products.csv"))
    for word, is_sold in {
        "en": {"tent": True, "power bank": True, "kayak": False, "snowshoe": False},
        "zh": {"帐": True, "充电宝": True, "皮划艇": False, "攀岩": False},
    }[language].items():
        assert any(word in row["query"] for row in rows)
        assert (word in names) is is_sold


def test_judged_queries_name_articles_that_there_are_in_both_languages() -> None:
    products = {row["product_id"] for row in table("products.csv")}
    rows = table("judgements.csv")
    queries = {language: set() for language in LANGUAGES}
    for row in rows:
        assert row["product_id"] in products
        assert row["grade"] in ("1", "2")
        queries[row["language"]].add(row["query"])
    assert {len(found) for found in queries.values()} == {24}
    assert len({(row["query"], row["product_id"]) for row in rows}) == len(rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_are_many_distinct_and_balanced(language: str) -> None:
    rows = [row for row in table("mails.csv") if row["language"] == language]
    assert_unique(rows, "id")
    assert_unique(rows, "text")
    counts = Counter(row["label"] for row in rows)
    assert counts.pop("") == 30
    assert set(counts.values()) == {14}
    starter = json.loads((ROOT / "starter.json").read_text(encoding="utf-8"))
    assert set(starter[language]["classifier"]["labels"]) == set(counts)
    assert not set(starter[language]["classifier"]["suggestions"]) & {row["text"] for row in rows}
