from __future__ import annotations

from studio.inference.engines.fake import (
    FakeEmbeddingEngine,
    FakeGenerationEngine,
    FakeRerankingEngine,
)
from studio.records import Message, Sampling


def vectors(*texts):
    engine = FakeEmbeddingEngine()
    return engine.finish(engine.forward(engine.prepare(texts, "passage")))


def test_similar_texts_are_more_similar():
    question, near, far = vectors(
        "how are refunds paid", "refunds are paid in 14 days", "we sell green tea in boxes"
    )
    assert question @ near > question @ far + 0.2


def test_similar_chinese_texts_are_more_similar():
    question, near, far = vectors("如何申请退款", "退款申请需要十四天", "我们出售绿茶")
    assert question @ near > question @ far + 0.2


def test_chinese_is_written_in_pairs_and_reads_as_before():
    engine = FakeGenerationEngine()
    prompt = engine.prepare((Message(role="user", content="退款需要十四天。好"),))
    engine.add(1, prompt, Sampling())
    pieces = []
    while not pieces or pieces[-1].finish_reason is None:
        pieces += engine.step()
    assert "".join(piece.text for piece in pieces) == "退款需要十四天。"
    assert len(pieces) == 5


def test_nothing_asked_still_gets_an_answer():
    engine = FakeGenerationEngine()
    engine.add(1, engine.prepare((Message(role="system", content="x"),)), Sampling())
    assert engine.step()[0].finish_reason == "stop"


def test_texts_with_more_of_the_query_are_judged_better():
    engine = FakeRerankingEngine()
    for query, texts in (
        ("how are refunds paid", ["refunds are paid in 14 days", "we sell tea", "are we open"]),
        ("如何申请退款", ["退款申请需要十四天", "我们出售绿茶"]),
    ):
        scores = engine.finish(engine.forward(engine.prepare(query, texts)))[:, 0]
        assert scores.argmax() == 0
