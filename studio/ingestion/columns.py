"""What the columns of a table are and what they are good for, guessed from names and values.

A guess is shown to the user, who can change it; nothing here is ever final. Knows English and Chinese
column names, and no file format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from studio.records import Cells

Role = Literal["text", "title", "filter", "link", "ignore"]
ColumnKind = Literal["text", "number", "date", "category", "link"]

N_EXAMPLES = 3
_MOST = (
    0.9  # share of the values that must be of a kind; the rest are blanks in other words ("n/a")
)
_LONGEST_CATEGORY = 40
_LONGEST_TITLE = 120
_MAX_CATEGORIES = 100
_SAMPLE = 5000  # values that are enough to tell a column's kind

_NUMBER = re.compile(
    r"(?:约\s*)?[-+]?\s*(?:[$€£¥￥]|USD|EUR|GBP|RMB|CNY|HKD)?\s*[-+]?"
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|[1-9]\d{0,2}(?:[.' ]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)"
    r"[千万亿]?\+?\s*(?:%|[$€£¥￥]|USD|EUR|GBP|RMB|CNY|HKD|元|块)?(?:起|左右|\s?/\s?[^\W\d]{1,8})?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
    r"|\d{1,2}/\d{1,2}/\d\d|\d\d\.\d\d\.\d\d"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}日?)?|\d{4}-(?:0[1-9]|1[0-2])"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|\d{1,2}\s+[A-Z][a-z]{2,8}\.?,?\s+\d{4}|[A-Z][a-z]{2,8}\.?\s+\d{1,2},?\s+\d{4})"
    r"(?:[T\s]*(?:[上下中]午|早上|晚上|凌晨)?\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?"
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s]+", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)(?:\?\S*)?$", re.IGNORECASE)

_TITLES = frozenset((
    "name", "title", "product", "productname", "producttitle", "item", "itemname",
    "headline", "subject", "heading", "question", "course", "coursename", "job", "jobtitle",
    "position", "名称", "标题", "商品", "商品名", "商品名称", "产品", "产品名", "产品名称", "品名",
    "商品标题",
    "题目", "主题", "问题", "岗位", "岗位名称", "職位", "名稱", "標題", "商品名稱", "產品名稱",
))  # fmt: skip
_NUMBERINGS = frozenset((
    "id", "no", "no.", "#", "nr", "index", "row", "rownumber", "serial", "uuid", "guid",
    "序号", "编号", "行号", "序號", "編號", "id号",
))  # fmt: skip
_OTHER_NAMES = frozenset((
    "text", "category", "type", "kind", "label", "tag", "tags", "description", "city", "country",
    "address", "email", "phone", "date", "status", "note", "notes", "comment", "url", "link", "brand",
    "author", "user", "price", "sku", "stock", "quantity", "qty", "amount", "rating", "time",
    "类别", "分类", "类型", "标签", "描述", "说明", "城市", "国家", "地址", "邮箱", "电话", "日期",
    "状态", "备注", "链接", "品牌", "作者", "用户", "价格", "姓名", "内容", "类別", "分類", "標籤",
    "說明", "備註", "类目", "品类", "规格", "型号", "售价", "单价", "金额", "库存", "数量", "时间",
    "图片", "商品编号", "商品编码", "货号", "评分", "上架时间", "下单时间", "订单号", "订单编号",
))  # fmt: skip
_QUESTIONS = frozenset((
    "q", "question", "questions", "faq", "query", "userquestion", "问", "问题", "提问", "问句",
    "标准问", "标准问题", "用户问题", "常见问题", "問", "問題", "常見問題",
))  # fmt: skip
_ANSWERS = frozenset((
    "a", "answer", "answers", "reply", "response", "答", "答案", "回答", "回复", "答复", "解答",
    "标准答案", "参考答案", "答覆", "回覆", "標準答案",
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """A column with what it seems to be for.

    Attributes:
        name: as in the header, or "Column 3".
        role: "title" names a row (at most one column), "text" is searched, "filter" narrows a search
            down, "link" leads to more (at most one column), "ignore" is of no use to a reader.
        kind: what the values are.
        n_values: rows with a value.
        n_distinct: different values among them.
        examples: up to three different values, the first of the table, at most 80 characters each.
    """

    name: str
    role: Role
    kind: ColumnKind
    n_values: int
    n_distinct: int
    examples: tuple[str, ...]


def guess_columns(rows: Iterable[Cells]) -> tuple[ColumnGuess, ...]:
    """The columns of a table, in the order they first appear; () without rows."""
    values: dict[str, list[str]] = {}
    for row in rows:
        for column, value in row:
            values.setdefault(column, []).append(value)
    kinds = {column: _kind_of(column, cells[:_SAMPLE]) for column, cells in values.items()}
    title = _title_column(values, kinds)
    link = next((column for column, kind in kinds.items() if _is_link(kind, values[column])), None)
    answers = {column for column in values if _plain(column) in _ANSWERS}
    guesses = []
    for column, cells in values.items():
        distinct = Counter(cells)
        is_answer = column in answers and kinds[column] != "link"
        guesses.append(
            ColumnGuess(
                name=column,
                role="title" if column == title
                else "text" if is_answer
                else _role_of(column, kinds[column], cells, is_the_link=column == link),
                kind="text" if is_answer else kinds[column],
                n_values=len(cells),
                n_distinct=len(distinct),
                examples=tuple(value[:80] for value in islice(distinct, N_EXAMPLES)),
            )
        )  # fmt: skip
    return tuple(guesses)


def is_column_name(text: str) -> bool:
    """Whether this is what people call a column, in English or Chinese."""
    return _plain(text) in _TITLES | _NUMBERINGS | _QUESTIONS | _ANSWERS | _OTHER_NAMES


def is_question_list(names: Iterable[str]) -> bool:
    """Whether the columns hold questions and their answers, by their English or Chinese names."""
    plain = [_plain(name) for name in names]
    return any(name in _QUESTIONS for name in plain) and any(name in _ANSWERS for name in plain)


def _plain(name: str) -> str:
    """A column's name without case, spaces, underscores and a unit in brackets."""
    return re.sub(r"[\s_\-]+|[(（\[].*", "", name).lower()


def _kind_of(column: str, cells: Sequence[str]) -> ColumnKind:
    if _share(_LINK, cells) >= _MOST:
        return "link"
    if _share(_DATE, cells) >= _MOST:
        return "date"
    # Leading zeros are of codes, which nobody compares as numbers.
    if _share(_NUMBER, cells) >= _MOST and not _are_codes(cells):
        return "number"
    n_distinct = len(set(cells))
    is_short = sum(len(cell) <= _LONGEST_CATEGORY for cell in cells) >= _MOST * len(cells)
    is_repeated = len(cells) >= 4 and n_distinct <= min(_MAX_CATEGORIES, 0.5 * len(cells))
    if is_short and is_repeated and _plain(column) not in _TITLES | _QUESTIONS:
        return "category"
    return "text"


def _share(pattern: re.Pattern[str], cells: Sequence[str]) -> float:
    return sum(pattern.fullmatch(cell) is not None for cell in cells) / len(cells)


def _are_codes(cells: Sequence[str]) -> bool:
    return any(len(cell) > 1 and cell.startswith("0") and cell.isdigit() for cell in cells)


def _title_column(values: dict[str, list[str]], kinds: dict[str, ColumnKind]) -> str | None:
    """The column that names a row: by its own name, else the first of short, different texts."""
    texts = [column for column, kind in kinds.items() if kind == "text"]
    short = [column for column in texts if _mean_length(values[column]) <= _LONGEST_TITLE]
    for column in short:
        if _plain(column) in _TITLES | _QUESTIONS:
            return column
    if len(texts) < 2:  # the only text there is must be searched
        return None
    for column in short:
        is_different = len(set(values[column])) >= _MOST * len(values[column])
        if is_different and not _is_code_like(values[column]) and _plain(column) not in _ANSWERS:
            return column
    return None


def _mean_length(cells: Sequence[str]) -> float:
    return sum(map(len, cells)) / len(cells)


def _is_code_like(cells: Sequence[str]) -> bool:
    """Whether the values are article numbers and the like: one short word with digits in it."""
    code = re.compile(r"(?=\S*\d)[\w./#-]{1,24}")
    return _share(code, cells) >= _MOST


def _is_link(kind: ColumnKind, cells: Sequence[str]) -> bool:
    is_picture = sum(_PICTURE.search(cell) is not None for cell in cells) > 0.5 * len(cells)
    return kind == "link" and not is_picture


def _role_of(column: str, kind: ColumnKind, cells: Sequence[str], *, is_the_link: bool) -> Role:
    if kind == "link":
        return "link" if is_the_link else "ignore"
    is_different = len(set(cells)) == len(cells)
    is_plain_number = kind == "number" or all(cell.isdigit() for cell in cells)
    if _plain(column) in _NUMBERINGS and is_different and is_plain_number:
        return "ignore"
    return "text" if kind == "text" else "filter"
