"""Whatever happens to a file of an index: it is noticed, and mended or refused, never searched."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import IndexMismatch
from studio.records import Document, Page
from studio.retrieval import lexical
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.query import SearchOptions

TRUTH = {"manifest.json", "passages.jsonl", "vectors.npy"}  # what nothing else can give again
VECTOR = np.array([1, 2, 3, 4], dtype=np.float32)
OPTIONS = SearchOptions(k=20)


def embed(texts) -> np.ndarray:
    return np.array([[1, len(t), t.count("e"), t.count("1")] for t in texts], dtype=np.float32)


@pytest.fixture(scope="module", params=["exact", "hnsw", "ivf"])
def whole(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    documents = [
        Document(document_id=str(n), name="items", pages=(Page(text=f"Item {n}, a tent. 帐篷"),))
        for n in range(40)
    ]
    RetrievalIndex.build(
        folder, documents, embed=embed, model="m", revision="1", index_kind=request.param
    )
    return folder


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    damage=st.sampled_from(["cut", "flip", "gone", "empty", "longer", "other file", "zeros"]),
)
def test_a_damaged_file_is_mended_or_refused(whole, tmp_path_factory, data, damage) -> None:
    folder = tmp_path_factory.mktemp("index") / "copy"
    shutil.copytree(whole, folder)
    names = sorted(path.name for path in (folder / "v000001").iterdir())
    name = data.draw(st.sampled_from(names))
    other = data.draw(st.sampled_from([other for other in names if other != name]))
    path = folder / "v000001" / name
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {
                "cut": content[:at],
                "flip": content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :],
                "empty": b"",
                "longer": content + b"x",
                "other file": (folder / "v000001" / other).read_bytes(),
                "zeros": content[:at] + bytes(len(content) - at),
            }[damage]
        )
    if path.exists() and path.read_bytes() == content:
        return  # zeros where zeros were

    if name in TRUTH:
        with pytest.raises(IndexMismatch, match="Build the index again"):
            RetrievalIndex.open(folder)
    else:
        expected = RetrievalIndex.open(whole).search("tent 7", VECTOR, OPTIONS)
        assert RetrievalIndex.open(folder).search("tent 7", VECTOR, OPTIONS) == expected
        RetrievalIndex.open(folder)


@pytest.mark.parametrize("pointer", [None, b"", b"\xff\xfe\x00", b"v999999", b"../v000001"])
def test_a_lost_pointer_is_found_again(whole, tmp_path, pointer) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    (folder / "CURRENT").unlink()
    if pointer is not None:
        (folder / "CURRENT").write_bytes(pointer)

    assert RetrievalIndex.exists(folder)
    assert RetrievalIndex.open(folder).n_passages == 40


def test_words_read_by_other_rules_are_read_again(whole, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    expected = RetrievalIndex.open(folder).search("tent 7", VECTOR, OPTIONS)
    monkeypatch.setattr(lexical, "TERMS_VERSION", 99)

    assert RetrievalIndex.open(folder).search("tent 7", VECTOR, OPTIONS) == expected
    facts = (folder / "v000001" / "lexical.json").read_text(encoding="utf-8")
    assert '"terms_version": 99' in facts  # once, not at every opening


@pytest.mark.parametrize(
    ("pattern", "changed"),
    [
        (r'"max_tokens": 160', '"max_tokens": 161'),
        (r'"revision": "1"', '"revision": "2"'),
        (r'"mean": (-?)\d', r'"mean": \g<1>9'),
        (r'"format_version": 3', '"format_version": 2'),
        (r'"7": "\w', '"7": "x'),
        (r'("checksum": ")\w+', r"\g<1>"),
        (r',\s+"checksum": "\w+"', ""),
    ],
)
def test_a_manifest_that_can_still_be_read_is_refused_all_the_same(
    whole, tmp_path, pattern, changed
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    manifest = folder / "v000001" / "manifest.json"
    before = manifest.read_text(encoding="utf-8")
    after = re.sub(pattern, changed, before, count=1)
    assert after != before
    manifest.write_text(after, encoding="utf-8")

    with pytest.raises(IndexMismatch, match=r"manifest\.json is missing or was changed"):
        RetrievalIndex.open(folder)
