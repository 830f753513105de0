"""Duplicates: the same texts and nearly the same ones, found without comparing all pairs."""

from __future__ import annotations

import random

import pytest

from studio.ingestion import duplicates
from studio.ingestion.duplicates import find_duplicates, similarity


def words(rng: random.Random, n: int = 200) -> list[str]:
    return [f"w{rng.randrange(2000)}" for _ in range(n)]


def changed(text: list[str], n: int, rng: random.Random) -> list[str]:
    copy = list(text)
    for at in rng.sample(range(len(copy)), n):
        copy[at] = "changed"
    return copy


def test_exact_duplicates_differ_only_in_form() -> None:
    (group,) = find_duplicates(
        [("a", "Return it, within 30 days!"), ("b", "Other"), ("c", "return it\nwithin  30 DAYS")]
    )

    assert group.ids == ("a", "c")
    assert group.is_exact
    assert group.similarity == 1.0


def test_near_duplicates_are_grouped_with_their_similarity() -> None:
    rng = random.Random(1)
    base = words(rng)
    documents = [
        ("other", " ".join(words(rng))),
        ("first", " ".join(base)),
        ("near", " ".join(changed(base, 4, rng))),
        ("far", " ".join(changed(base, 60, rng))),
        ("same", " ".join(base).upper()),
    ]

    (group,) = find_duplicates(documents)

    assert group.ids == ("first", "near", "same")
    assert not group.is_exact
    assert 0.8 <= group.similarity < 1
    assert group.similarity == similarity(documents[1][1], documents[2][1])


def test_chinese_texts_are_compared_by_characters() -> None:
    text = (
        "本店所有帐篷自收货之日起三十天内可以无理由退货，请保持商品干净完整，"
        "并附上订单号码以便我们处理。"
    )
    near = text.replace("三十", "六十")

    (group,) = find_duplicates(
        [("a", text), ("b", near), ("c", "星火气炉三分钟烧开一升水")], near=0.7
    )

    assert group.ids == ("a", "b")


def test_all_pairs_are_found_that_a_full_comparison_finds() -> None:
    rng = random.Random(2)
    documents = []
    for number in range(150):
        base = words(rng)
        documents.append((f"{number}", " ".join(base)))
        documents.append((f"{number}x", " ".join(changed(base, rng.randrange(1, 14), rng))))
    expected = {
        (f"{number}", f"{number}x")
        for number in range(150)
        if similarity(documents[2 * number][1], documents[2 * number + 1][1]) >= 0.8
    }

    groups = find_duplicates(documents)

    assert {group.ids for group in groups} == expected
    assert 50 < len(expected) < 150


def test_a_thousand_copies_are_not_compared_with_each_other(monkeypatch) -> None:
    base = " ".join(words(random.Random(3)))
    n_compared = 0
    original = duplicates._jaccard

    def counting(a, b) -> float:
        nonlocal n_compared
        n_compared += 1
        return original(a, b)

    monkeypatch.setattr(duplicates, "_jaccard", counting)

    (group,) = find_duplicates([(str(n), f"{base} extra {n}") for n in range(1000)])

    assert len(group.ids) == 1000
    assert n_compared < 3000


@pytest.mark.parametrize("texts", [[], ["", " ", "..."], ["one", "two"], ["", ""]])
def test_texts_without_anything_in_common_give_no_groups(texts) -> None:
    assert find_duplicates([(str(n), text) for n, text in enumerate(texts)]) == ()


def test_with_a_threshold_of_one_only_exact_duplicates_are_found() -> None:
    rng = random.Random(4)
    base = words(rng)
    documents = [("a", " ".join(base)), ("b", " ".join(changed(base, 1, rng)))]

    assert len(find_duplicates(documents)) == 1
    assert find_duplicates(documents, near=1) == ()
