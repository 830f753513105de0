"""Examples out of a file: a table with a column of questions and one of answers.

Knows the names that columns go by; what is a table is the reader's business.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio.errors import DataError
from studio.inference.training.plan import Method
from studio.ingestion.reader import read_file
from studio.tuning.examples import Example, Part, Source

_PROMPTS = (
    *("query", "question", "prompt", "input", "instruction", "search"),
    *("查询", "问题", "提问", "提示", "指令", "输入"),
)
_PASSAGES = (
    *("passage", "gold_passage", "document", "text", "positive", "context"),
    *("段落", "文档", "正文", "文本", "原文"),
)
_ANSWERS = (
    *("answer", "output", "response", "completion", "reply", "text"),
    *("答案", "回答", "输出", "回复"),
)
_NEGATIVES = ("negative", "hard_negative", "wrong", "wrong_passage", "反例", "错误段落")
_PARTS = ("part", "split", "set", "划分")
_HELD_OUT = ("held_out", "held out", "heldout", "test", "eval", "dev", "validation", "测试", "验证")


def read_examples(
    name: str, content: bytes, method: Method, *, max_bytes: int, source: Source = "file"
) -> tuple[Example, ...]:
    """The examples in a CSV, Excel or JSON file, in order, empty ones included.

    Args:
        name: of the file.
        content: its bytes.
        method: contrastive tuning looks for passages first, a text model for answers.
        max_bytes: larger files are refused.
        source: where they are said to come from.

    Raises:
        DataError: the file cannot be read, has no table, or not these columns.
    """
    read = read_file(name, content, max_bytes=max_bytes)
    if read.status == "refused":
        raise DataError("{reason}", reason=read.notices[0])
    rows = [dict(row.cells) for page in read.pages for row in page.rows]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    prompt = _column(columns, _PROMPTS)
    wanted = (*_PASSAGES, *_ANSWERS) if method == "contrastive" else (*_ANSWERS, *_PASSAGES)
    answer = _column([column for column in columns if column != prompt], wanted)
    if prompt is None or answer is None:
        raise DataError(
            "{name} has no table with examples. Upload a CSV or Excel file with the columns {columns}."
            " It has: {found}.",
            name=name,
            columns="query, passage" if method == "contrastive" else "prompt, answer",
            found=", ".join(columns) or "-",
        )
    negative, part = _column(columns, _NEGATIVES), _column(columns, _PARTS)
    return tuple(
        Example(
            prompt=row.get(prompt, ""),
            answer=row.get(answer, ""),
            negatives=_filled(row.get(negative or "", "")),
            source=source,
            part=_part(row.get(part or "", "")),
        )
        for row in rows
    )


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """The first of the names that a column bears."""
    known = {column.strip().casefold().replace(" ", "_"): column for column in columns}
    return next((known[name] for name in names if name in known), None)


def _filled(text: str) -> tuple[str, ...]:
    return (text.strip(),) if text.strip() else ()


def _part(text: str) -> Part:
    word = text.strip().casefold()
    if not word:
        return ""
    return "held_out" if word in _HELD_OUT else "train"
