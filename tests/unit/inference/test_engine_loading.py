from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import ModelUnavailable
from studio.inference.engines import (
    openvino_embedding,
    openvino_reranking,
    process_generation,
    transformers_embedding,
    transformers_generation,
    transformers_reranking,
)
from studio.inference.engines.gguf_header import context_length
from studio.inference.engines.pair_folder import read_pair_folder
from studio.inference.engines.sentence_folder import read_sentence_folder
from studio.inference.loading import EngineLoader
from studio.inference.model_spec import ModelSpec, Weights
from studio.records import Task


class Made:
    """Stands for an engine; remembers its arguments."""

    def __init__(self, **arguments):
        self.arguments = arguments


def unreadable(**_):
    raise ModelUnavailable("OpenVINO cannot read it: {reason}", reason="odd layers")


@pytest.fixture
def engines(monkeypatch):
    names = {
        openvino_embedding: "OpenVinoEmbeddingEngine",
        openvino_reranking: "OpenVinoRerankingEngine",
        process_generation: "ProcessGenerationEngine",
        transformers_embedding: "TransformersEmbeddingEngine",
        transformers_generation: "TransformersGenerationEngine",
        transformers_reranking: "TransformersRerankingEngine",
    }
    made = {name: type(name, (Made,), {}) for name in names.values()}
    for module, name in names.items():
        monkeypatch.setattr(module, name, made[name])
    return made


def loader(task, device, *, gguf=None, folder=Path("weights"), **settings):
    return EngineLoader(
        ModelSpec(id="m", name="M", task=task, source="hub", location="a/b", max_tokens=99),
        Weights(folder=folder, gguf_f16=gguf, revision="rev", size_bytes=1),
        Settings(home=Path("home"), **settings),
        lambda name: None,
        lambda: Path("made"),
        device,
    )


def test_processor_takes_openvino(engines):
    one = loader(Task.EMBEDDING, "cpu", n_threads=3)
    engine = one.embedding()
    assert isinstance(engine, engines["OpenVinoEmbeddingEngine"])
    assert engine.arguments["n_threads"] == 3
    assert one.remark is None
    gguf = loader(Task.GENERATION, "cpu", gguf=Path("f16.gguf"))
    assert isinstance(gguf.generation(), engines["ProcessGenerationEngine"])
    reranking = loader(Task.RERANKING, "cpu", n_threads=3).reranking()
    assert isinstance(reranking, engines["OpenVinoRerankingEngine"])
    assert (reranking.arguments["n_threads"], reranking.arguments["max_tokens"]) == (3, 99)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_accelerator_takes_transformers(engines, device):
    embedding = loader(Task.EMBEDDING, device).embedding()
    generation = loader(Task.GENERATION, device, gguf=Path("f16.gguf")).generation()
    assert isinstance(embedding, engines["TransformersEmbeddingEngine"])
    assert isinstance(generation, engines["TransformersGenerationEngine"])
    assert generation.arguments["folder"] == Path("made")
    assert generation.arguments["device"] == device
    reranking = loader(Task.RERANKING, device).reranking()
    assert isinstance(reranking, engines["TransformersRerankingEngine"])
    assert reranking.arguments["device"] == device


def test_what_openvino_cannot_read_falls_back_and_says_why(engines, monkeypatch):
    monkeypatch.setattr(openvino_embedding, "OpenVinoEmbeddingEngine", unreadable)
    one = loader(Task.EMBEDDING, "cpu")
    assert isinstance(one.embedding(), engines["TransformersEmbeddingEngine"])
    assert "odd layers" in str(one.remark)


def test_reranking_falls_back_and_says_why(engines, monkeypatch):
    monkeypatch.setattr(openvino_reranking, "OpenVinoRerankingEngine", unreadable)
    one = loader(Task.RERANKING, "cpu")
    assert isinstance(one.reranking(), engines["TransformersRerankingEngine"])
    assert "odd layers" in str(one.remark)


def test_reranking_model_without_folder_is_refused():
    with pytest.raises(ModelUnavailable, match="no weights that can order passages"):
        loader(Task.RERANKING, "cpu", folder=None).reranking()


def test_demo_mode_reranks_with_the_engine_that_says_so():
    assert loader(Task.RERANKING, "cpu", is_demo=True).reranking().info.engine == "demo"


@pytest.mark.parametrize(
    ("config", "tokenizer", "expected"),
    [
        ({}, {}, 512),
        ({"max_position_embeddings": 512}, {"model_max_length": 1e30}, 512),
        ({"max_position_embeddings": 512}, {"model_max_length": 128}, 128),
        # RoBERTa's first position stands behind the padding token's
        ({"max_position_embeddings": 514, "model_type": "xlm-roberta", "pad_token_id": 1}, {}, 512),
        (
            {"max_position_embeddings": 8194, "model_type": "xlm-roberta", "pad_token_id": 1},
            {"model_max_length": 8192},
            8192,
        ),
    ],
)
def test_pairs_are_cut_where_the_model_ends(tmp_path, config, tokenizer, expected):
    head = {"architectures": ["XForSequenceClassification"], "id2label": {"0": "LABEL_0"}}
    (tmp_path / "config.json").write_text(json.dumps(head | config))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    assert read_pair_folder(tmp_path, "m").max_tokens == expected


def test_model_without_a_known_head_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelUnavailable, match=r"The model m cannot order passages.*\?"):
        read_pair_folder(tmp_path, "m")
    two = {"architectures": ["BertForSequenceClassification"]}  # no labels: the library's two
    (tmp_path / "config.json").write_text(json.dumps(two))
    with pytest.raises(ModelUnavailable, match="2 numbers per passage"):
        read_pair_folder(tmp_path, "m")


def test_chat_model_without_gguf_falls_back_and_says_why(engines):
    one = loader(Task.GENERATION, "cpu")
    assert isinstance(one.generation(), engines["TransformersGenerationEngine"])
    assert "not a GGUF" in str(one.remark)


def test_embedding_model_without_folder_is_refused():
    with pytest.raises(ModelUnavailable, match="no weights that can make vectors"):
        loader(Task.EMBEDDING, "cpu", folder=None).embedding()


def write_gguf(path, pairs):
    def string(text):
        return struct.pack("<Q", len(text)) + text.encode()

    body = b"".join(string(key) + struct.pack("<I", kind) + value for key, kind, value in pairs)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + body)
    return path


def test_context_is_found_behind_strings_and_arrays(tmp_path):
    words = struct.pack("<IQ", 8, 2) + (struct.pack("<Q", 2) + b"ab") * 2
    numbers = struct.pack("<IQ", 6, 3) + bytes(12)
    pairs = [
        ("general.name", 8, struct.pack("<Q", 3) + b"abc"),
        ("tokenizer.tokens", 9, words),
        ("tokenizer.scores", 9, numbers),
        ("flag", 7, b"\x01"),
        ("llama.context_length", 4, struct.pack("<I", 8192)),
    ]
    assert context_length(write_gguf(tmp_path / "a.gguf", pairs)) == 8192
    assert context_length(write_gguf(tmp_path / "b.gguf", pairs[:-1])) == 2048


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no gguf", b"GGUF\x03\x00"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "x.gguf").write_bytes(content)
    with pytest.raises(ModelUnavailable, match="x.gguf"):
        context_length(tmp_path / "x.gguf")


def sentence_folder(folder, *, kinds=("Transformer", "Pooling", "Normalize"), pooling=None):
    (folder / "1_Pooling").mkdir()
    files = {
        "tokenizer.json": {},
        "config.json": {"max_position_embeddings": 512, "pad_token_id": 7},
        "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": True},
        "tokenizer_config.json": {"model_max_length": 1e30},
        "1_Pooling/config.json": pooling or {"pooling_mode_mean_tokens": True},
        "modules.json": [
            {"type": f"sentence_transformers.models.{kind}", "path": f"{i}_{kind}" if i else ""}
            for i, kind in enumerate(kinds)
        ],
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    return folder


def test_plain_sentence_model_is_described(tmp_path):
    found = read_sentence_folder(sentence_folder(tmp_path))
    assert (found.pooling, found.max_tokens, found.pad_token_id) == ("mean", 256, 7)
    assert found.is_lower_case


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode": "cls"}, "cls"),
        ({"pooling_mode": "mean", "include_prompt": True}, "mean"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
    ],
)
def test_both_ways_to_write_the_pooling_are_read(tmp_path, pooling, expected):
    assert read_sentence_folder(sentence_folder(tmp_path, pooling=pooling)).pooling == expected


@pytest.mark.parametrize(
    "pooling",
    [
        {"pooling_mode": "lasttoken"},
        {"pooling_mode": "mean", "include_prompt": False},
        {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True},
    ],
)
def test_other_poolings_are_left_to_the_library(tmp_path, pooling):
    with pytest.raises(ModelUnavailable, match="pooling"):
        read_sentence_folder(sentence_folder(tmp_path, pooling=pooling))


def test_further_modules_are_left_to_the_library(tmp_path):
    with pytest.raises(ModelUnavailable, match="Dense"):
        read_sentence_folder(sentence_folder(tmp_path, kinds=("Transformer", "Pooling", "Dense")))


def test_folder_without_fast_tokenizer_is_left_to_the_library(tmp_path):
    sentence_folder(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ModelUnavailable, match="tokenizer.json"):
        read_sentence_folder(tmp_path)
