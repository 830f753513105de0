"""A founder's list of queries: which column of a file holds them, which how often, and what they sum to.

Files come read by `studio.ingestion`. Knows the names that search engines, shops and keyword tools give
their columns, in English and Chinese. Knows no storage and no index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from studio.errors import DataError
from studio.ingestion.decoding import clean, decode
from studio.ingestion.grid import ragged_notice
from studio.ingestion.result import ReadFile
from studio.prototypes.search.analytics import counted
from studio.records import Notice

MAX_CHARACTERS = 1000
"""Of a query; a longer one is no query and is left out."""
ONLY = "Column 1"
"""The column of a list that has no other."""

_QUERY_NAMES = (
    "query", "queries", "topqueries", "searchquery", "searchqueries", "searchterm", "searchterms",
    "topsearches", "keyword", "keywords", "searchkeyword", "term", "search", "searches", "phrase",
    "question", "questions",
    "搜索词", "搜索关键词", "搜索查询", "搜索内容", "热门搜索词", "关键词", "关键字",
    "热门查询", "热门关键词", "查询", "查询词", "查询内容", "词", "检索词", "问题", "用户问题", "提问",
    "搜尋字詞", "關鍵字", "熱門查詢",
)  # fmt: skip
# From what people did to what they might have seen: the first that is there counts.
_COUNT_NAMES = (
    "count", "counts", "n", "times", "timesasked", "frequency", "numberofsearches", "totalsearches",
    "searches", "searchcount", "searchvolume", "avg.monthlysearches", "avgmonthlysearches", "volume",
    "total",
    "次数", "搜索次数", "搜索量", "查询次数", "提问次数", "频次", "月均搜索量", "日均搜索量",
    "整体搜索量", "整体日均值", "搜索人数", "搜索人气", "數量", "次數", "pv",
    "impressions", "展现量", "展现", "展现次数", "展示次数", "展示", "展示量", "曝光量",
    "曝光", "曝光次数",
    "visits", "sessions", "访问次数", "clicks", "点击量", "点击", "点击次数",
)  # fmt: skip
_NUMBER = re.compile(r"(\d+(?:[,\u00a0\u202f ]\d{3})+|\d+)(\.\d+)?\s*([kKmM千万萬亿]?)")
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000, "千": 1_000, "万": 10_000, "萬": 10_000, "亿": 10**8}
_TEXTS = ("text/plain", "text/markdown", "application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTable:
    """A file as rows of cells by column; `numbers` are the columns whose values are numbers."""

    name: str
    columns: tuple[str, ...]
    numbers: frozenset[str]
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryList:
    """The queries of a file and how often each was asked, in the order of the file.

    `columns` are those it has; `query_column` and `count_column` the ones that are read, the latter
    empty where each row counts once. `notices` say what was left out or taken otherwise.
    """

    name: str
    columns: tuple[str, ...]
    query_column: str
    count_column: str
    asked: tuple[tuple[str, int], ...]
    notices: tuple[Notice, ...]

    @property
    def n_asked(self) -> int:
        """How often all queries were asked."""
        return sum(n for _, n in self.asked)


def table_of(name: str, files: Sequence[ReadFile], content: bytes) -> QueryTable:
    """The table of queries in a file, or among the files in it (Search Console gives a ZIP).

    The first file that names a column of queries, else the first that has rows or lines at all.

    Args:
        name: what the file is called.
        files: what reading it gave.
        content: the whole file.

    Raises:
        DataError: nothing in it could be read, or it holds no list.
    """
    tables = [table for file in files if (table := _table(name, file, content)) is not None]
    named = (table for table in tables if _first_of(_QUERY_NAMES, table.columns))
    table = next(named, next(iter(tables), None))
    if table is not None:
        return table
    refused = next((file for file in files if file.status == "refused" and file.notices), None)
    if refused is not None and len(files) == 1:
        raise DataError("{reason}", reason=refused.notices[0])
    raise DataError(
        "{name} holds no list of queries. Upload a table with a column of queries, or a text with "
        "one query per line.",
        name=name,
    )


def lines_of(name: str, text: str) -> QueryTable:
    """A text with one query per line; cells of a spreadsheet stand between tabs.

    Raises:
        DataError: there is no line with text in it.
    """
    grid = [[cell.strip() for cell in line.split("\t")] for line in text.splitlines()]
    grid = [row for row in grid if any(row)]
    if not grid:
        raise DataError("There are no queries in the list. Give one query per row.")
    width = max(map(len, grid))
    head = [f"Column {at + 1}" for at in range(width)]
    if any(_plain(cell) in _QUERY_NAMES for cell in grid[0]) and len(grid) > 1:
        first = grid.pop(0)
        if width > 1:
            head = [cell or default for cell, default in zip(first, head, strict=False)] + head[
                len(first) :
            ]
    rows = tuple(dict(zip(head, row, strict=False)) for row in grid)
    numbers = {
        column for column in head if all(_count(row.get(column, "")) is not None for row in rows)
    }
    return QueryTable(name=name, columns=tuple(head), numbers=frozenset(numbers), rows=rows)


def read_list(
    table: QueryTable, query_column: str | None = None, count_column: str | None = None
) -> QueryList:
    """The queries of a table.

    A count that cannot be read, or is below 1, counts as 1.

    Args:
        table: the rows.
        query_column: where the queries stand; guessed by default.
        count_column: where it stands how often each was asked; guessed by default, empty for once.

    Raises:
        InvalidInput: there is no query in that column.
    """
    query = query_column if query_column in table.columns else _guessed_query(table)
    count = count_column
    if count is None or (count and count not in table.columns) or count == query:
        count = _guessed_count(table, query)
    texts, numbers, n_empty, n_uncounted = [], [], 0, 0
    for row in table.rows:
        text = " ".join(row.get(query, "").replace("\0", " ").split())
        if not text or len(text) > MAX_CHARACTERS:
            n_empty += 1
            continue
        number = _count(row.get(count, "")) if count else 1
        n_uncounted += not number
        texts.append(text)
        numbers.append(number or 1)
    asked = counted(texts, numbers)
    return QueryList(
        name=table.name,
        columns=table.columns,
        query_column=query,
        count_column=count,
        asked=tuple(asked.items()),
        notices=tuple(_notices(n_empty, n_uncounted)),
    )


def _notices(n_empty: int, n_uncounted: int) -> Iterable[Notice]:
    if n_empty:
        yield Notice(
            "Rows left out because they hold no query, or one of more than {limit} characters: {n}.",
            limit=MAX_CHARACTERS,
            n=n_empty,
        )
    if n_uncounted:
        yield Notice(
            "Rows whose count is below 1 or cannot be read, taken as asked once: {n}.",
            n=n_uncounted,
        )


def _table(name: str, file: ReadFile, content: bytes) -> QueryTable | None:
    """The rows of a file, or its lines where it is a plain text; None where it has neither."""
    rows = [dict(row.cells) for page in file.pages for row in page.rows]
    if not rows:
        text = "\n".join(page.text for page in file.pages)
        return lines_of(name, text) if text.strip() and file.media_type in _TEXTS else None
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    if columns == (ONLY,):  # a single column: its name stands among the values
        return lines_of(name, "\n".join(row[ONLY] for row in rows))
    numbers = frozenset(column.name for column in file.columns if column.kind == "number")
    if not numbers and not _first_of(_QUERY_NAMES, columns) and _is_ragged(file, columns):
        decoded = decode(content if file.content is None else file.content)
        if decoded is not None:
            return lines_of(name, clean(decoded.text))
    return QueryTable(name=name, columns=columns, numbers=numbers, rows=tuple(rows))


def _is_ragged(file: ReadFile, columns: Sequence[str]) -> bool:
    """Whether rows are of different widths: the commas are those of lines, and part no columns."""
    if file.media_type != "text/csv":
        return False
    if _is_nameless(columns):
        return len({len(row.cells) for page in file.pages for row in page.rows}) > 1
    ragged = ragged_notice("", 0, 0).template
    return any(notice.template == ragged for notice in file.notices)


def _guessed_query(table: QueryTable) -> str:
    """The column with a telling name, else that of the most different words."""
    named = _first_of(_QUERY_NAMES, table.columns)
    if named:
        return named
    texts = [column for column in table.columns if column not in table.numbers] or table.columns
    return max(texts, key=lambda column: len({row.get(column, "") for row in table.rows}))


def _guessed_count(table: QueryTable, query: str) -> str:
    """The column with a telling name; without names, the only one of numbers; empty for none."""
    others = [column for column in table.columns if column != query]
    named = _first_of(_COUNT_NAMES, others)
    if named:
        return named
    numbers = [column for column in others if column in table.numbers]
    return numbers[0] if _is_nameless(table.columns) and len(numbers) == 1 else ""


def _is_nameless(columns: Iterable[str]) -> bool:
    """Whether the columns are called by their numbers, as where no row names them."""
    return all(re.fullmatch(r"Column \d+", column) for column in columns)


def _first_of(names: Sequence[str], columns: Iterable[str]) -> str:
    """The column whose name comes first among these; empty for none."""
    plain = {_plain(column): column for column in columns}
    return next((plain[name] for name in names if name in plain), "")


def _plain(name: str) -> str:
    """A column's name without case, spaces, underscores and a unit in brackets."""
    return re.sub(r"[\s_\-]+|[(（\[].*", "", name).casefold()


def _count(written: str) -> int | None:
    """The number in a cell: "1,234", "1.2万", "<10"; the lower end of a range. None without one."""
    match = _NUMBER.search(written)
    if match is None:
        return None
    whole, fraction, scale = match.groups()
    digits = re.sub(r"\D", "", whole) + (fraction or "")
    return round(float(digits) * _SCALES[scale.lower()])
