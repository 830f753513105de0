"""Tiny models with fixed random weights in the layouts that real ones come in; made on the spot."""

from __future__ import annotations

from pathlib import Path

CHAT_TEMPLATE = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n{{ message['content'] }}<|end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)


def write_sentence_model(folder: Path, pooling: str = "mean") -> Path:
    """A BERT of two layers and width 32, with pooling and normalisation."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import BertConfig, BertModel

    base = folder / "base"
    n_tokens = _write_letter_tokenizer(base)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=n_tokens,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,  # else all texts look alike
    )
    BertModel(config).save_pretrained(str(base))
    transformer = Transformer(str(base), max_seq_length=48)
    model = SentenceTransformer(
        modules=[transformer, Pooling(32, pooling_mode=pooling), Normalize()], device="cpu"
    )
    target = folder / "model"
    model.save(str(target), create_model_card=False)
    return target


def write_reranking_model(folder: Path, n_scores: int = 1) -> Path:
    """A BERT of two layers and width 32 with a head that gives `n_scores` numbers per pair."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    n_tokens = _write_letter_tokenizer(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=n_tokens,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,  # else all pairs look alike
        num_labels=n_scores,
    )
    BertForSequenceClassification(config).save_pretrained(str(folder))
    return folder


def write_multilingual_reranking_model(folder: Path) -> Path:
    """The same as XLM-RoBERTa, which numbers positions from behind its padding token."""
    import torch
    from tokenizers import processors
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    pair = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    n_tokens = _write_letter_tokenizer(folder, ["<s>", "<pad>", "</s>", "<unk>"], pair)
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=n_tokens,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=50,
        type_vocab_size=1,
        pad_token_id=1,
        initializer_range=0.5,
        num_labels=1,
    )
    XLMRobertaForSequenceClassification(config).save_pretrained(str(folder))
    return folder


def _write_letter_tokenizer(
    folder: Path, special: list[str] | None = None, processor: object | None = None
) -> int:
    """Words in letters, as BERT cuts them unless told otherwise; gives the number of tokens."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    is_bert = special is None
    special = special or ["[CLS]", "[PAD]", "[SEP]", "[UNK]"]
    start, pad, end, unknown = special
    order = [pad, unknown, start, end] if is_bert else special
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,!?"
    vocabulary = [*order, *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(
        models.WordPiece({token: i for i, token in enumerate(vocabulary)}, unk_token=unknown)
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processor or processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    # As real files often have it; whoever reads the file must switch it off.
    tokenizer.enable_padding(length=40, pad_id=vocabulary.index(pad), pad_token=pad)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=pad,
        unk_token=unknown,
        cls_token=start,
        sep_token=end,
        model_max_length=64,
        model_input_names=[
            "input_ids",
            *(["token_type_ids"] if is_bert else []),
            "attention_mask",
        ],
    ).save_pretrained(str(folder))
    return len(vocabulary)


def write_chat_model(folder: Path) -> Path:
    """A Llama of two layers and width 32 over bytes, with a chat template; it writes nonsense."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    special = ["<|pad|>", "<|start|>", "<|end|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*special, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<|pad|>",
        bos_token="<|start|>",
        eos_token="<|end|>",
        model_max_length=256,
    )
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(str(folder))
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        initializer_range=0.5,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(str(folder))
    return folder


def write_chat_gguf(folder: Path) -> Path:
    """The same kind of model as `write_chat_model` in one GGUF file of 16-bit floats."""
    import numpy as np
    from gguf import GGUFWriter, TokenType
    from tokenizers import pre_tokenizers

    special = ["<|pad|>", "<|start|>", "<|end|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = [*special, *letters, "th"]
    width, hidden, heads, kv_heads = 32, 64, 4, 2
    file = folder / "tiny.gguf"
    folder.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(file, "llama")
    writer.add_file_type(1)
    writer.add_context_length(256)
    writer.add_embedding_length(width)
    writer.add_block_count(2)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_rope_dimension_count(width // heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(vocabulary)
    kinds = [TokenType.CONTROL] * len(special) + [TokenType.NORMAL] * (len(letters) + 1)
    writer.add_token_types(kinds)
    writer.add_token_merges(["t h"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_chat_template(CHAT_TEMPLATE)
    rng = np.random.default_rng(0)

    def add(name: str, *shape: int) -> None:
        array = rng.normal(scale=0.5, size=shape)
        writer.add_tensor(name, array.astype(np.float16 if len(shape) > 1 else np.float32))

    add("token_embd.weight", len(vocabulary), width)
    for block in ("blk.0", "blk.1"):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}.{name}.weight", np.ones(width, np.float32))
        for name, rows in (("q", heads), ("k", kv_heads), ("v", kv_heads)):
            add(f"{block}.attn_{name}.weight", rows * width // heads, width)
        add(f"{block}.attn_output.weight", width, width)
        add(f"{block}.ffn_gate.weight", hidden, width)
        add(f"{block}.ffn_up.weight", hidden, width)
        add(f"{block}.ffn_down.weight", width, hidden)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    add("output.weight", len(vocabulary), width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def write_universal_sentence_model(folder: Path) -> Path:
    """A universal sentence encoder of width 16 and branches of width 8 over letters."""
    import numpy as np

    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,!?是猫天气"
    pieces = ["<unk>", "<s>", "</s>", "▁", *letters, "▁the", "cat"]
    folder.mkdir(parents=True)
    (folder / "sp.model").write_bytes(sentencepiece_bytes(pieces))
    rng = np.random.default_rng(0)
    width, branch, hidden, dim, n_chunks = 16, 8, 12, 24, 3
    n_rows = -(-len(pieces) // n_chunks)

    def array(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * 0.3).astype(np.float32)

    arrays = {
        f"q{chunk + 1}": rng.integers(0, 64, (n_rows, width), np.uint8) for chunk in range(n_chunks)
    }
    for n in (2, 3, 5):
        arrays |= {f"proj{n}": array(width, branch), f"proj_b{n}": array(branch)}
        arrays |= {f"ln_g{n}": 1 + array(branch), f"ln_b{n}": array(branch)}
        for layer in (1, 2):
            arrays |= {f"w{layer}_{n}": array(n * branch, branch), f"b{layer}_{n}": array(branch)}
    features = width + 3 * branch
    arrays |= {"ln_g": 1 + array(features), "ln_b": array(features)}
    arrays |= {"cnn_W": array(features, width), "cnn_b": array(width)}
    arrays |= {"d0": array(width, hidden), "d1": array(hidden, hidden), "p1": array(width, hidden)}
    arrays |= {"d2": array(hidden, dim), "d3": array(dim, dim), "p3": array(hidden, dim)}
    arrays |= {"scale": 0.05 + array(n_chunks) ** 2, "lo": array(n_chunks)}
    np.savez(folder / "weights.npz", **arrays, eps=np.float64(1e-12))
    return folder


def sentencepiece_bytes(pieces: list[str], *, model_type: int = 1) -> bytes:
    """A SentencePiece file of a vocabulary; longer pieces are likelier. No normalisation."""
    import struct

    def field(number: int, content: bytes) -> bytes:
        assert len(content) < 128
        return bytes([number << 3 | 2, len(content)]) + content

    listing = b"".join(
        field(1, field(1, piece.encode()) + b"\x15" + struct.pack("<f", -8.0 + len(piece)))
        for piece in pieces
    )
    return listing + field(2, bytes([3 << 3, model_type]))
