"""What a table is and what its columns are for, guessed from names and values.

A guess is shown to the user, who can change it. Knows English and Chinese column names of shops, event
logs and public data sets; knows no file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from studio.ingestion.columns import ColumnGuess, guess_columns
from studio.prototypes.recommendation.data import several, values

if TYPE_CHECKING:
    import pandas as pd

TableKind = Literal["items", "events", "users", "ignore"]
TABLE_KINDS: tuple[TableKind, ...] = get_args(TableKind)

ColumnRole = Literal[
    "item", "title", "text", "attribute", "price", "image", "link", "stock", "date",
    "user", "type", "rating", "time", "status", "segment", "ignore",
]  # fmt: skip

ROLES_OF: Mapping[TableKind, tuple[ColumnRole, ...]] = {
    "items": (
        "item", "title", "text", "attribute", "price", "image", "link", "stock", "date", "ignore",
    ),
    "events": ("user", "item", "title", "type", "rating", "time", "status", "ignore"),
    "users": ("user", "segment", "ignore"),
    "ignore": ("ignore",),
}  # fmt: skip
"""The roles a column may have in each kind of table."""

REPEATABLE: frozenset[ColumnRole] = frozenset(("text", "attribute", "ignore"))
"""Roles that several columns of a table may have; every other role belongs to one."""

NEEDED: Mapping[TableKind, tuple[ColumnRole, ...]] = {
    "items": ("item",), "events": ("user", "item"), "users": ("user",), "ignore": (),
}  # fmt: skip
"""Roles without which a table cannot be used."""

N_LOOKED_AT = 2000
"""Rows that are enough to guess."""
_FEW_NUMBERS = 12  # different values of a number that still sorts items into kinds
_N_DATES = 200  # cells that are enough to tell dates from other things
_MOST = 0.98  # of a column that names things: a few repeated lines do no harm

_USERS = frozenset((
    "user", "userid", "uid", "username", "customer", "customerid", "client", "clientid", "visitor",
    "visitorid", "member", "memberid", "account", "accountid", "buyer", "buyerid", "reader", "readerid",
    "shopper", "shopperid", "subscriber", "subscriberid", "personid", "person", "reviewerid",
    "sessionid", "session", "useremail", "email", "openid", "unionid", "guestid", "deviceid",
    "买家会员名", "买家昵称", "买家账号", "会员名", "会员名称", "客户账号",
    "用户", "用户id", "用户编号", "用户名", "客户", "客户id", "客户编号", "会员", "会员id", "会员号",
    "会员编号", "买家", "买家id", "顾客", "顾客id", "访客", "访客id", "读者", "学员", "学员id", "使用者",
    "用戶", "用戶id", "會員", "會員編號", "客戶", "客戶編號",
))  # fmt: skip
_ITEMS = frozenset((
    "item", "itemid", "product", "productid", "productcode", "sku", "skuid", "article", "articleid",
    "articlenumber", "asin", "parentasin", "movie", "movieid", "book", "bookid", "isbn", "isbn13",
    "song", "songid", "track", "trackid", "artist", "artistid", "course", "courseid", "video",
    "videoid", "goods", "goodsid", "spu", "spuid", "content", "contentid", "news", "newsid", "listing",
    "listingid", "job", "jobid", "recipe", "recipeid", "game", "gameid", "appid", "stockcode", "handle",
    "商品", "商品id", "商品编号", "商品编码", "货号", "产品", "产品id", "产品编号", "物品", "物品id",
    "物品编号", "内容id", "文章id", "课程", "课程id", "课程编号", "视频id", "电影id", "书籍id", "图书id",
    "商品編號", "產品編號", "貨號", "品号", "款号", "条码", "宝贝", "宝贝id", "宝贝编号", "商家编码",
    "lineitemsku",
))  # fmt: skip
_ENDINGS = ("id", "no", "num", "number", "code", "key", "编号", "编码", "号")
"""What may come behind the word for a user or an item: "customer_no" is a customer's id."""
_TITLES = frozenset((
    "title", "itemname", "itemtitle", "productname", "producttitle", "goodsname", "goodstitle",
    "lineitemname", "articlename", "movietitle", "booktitle", "songname", "coursename", "videotitle",
    "标题", "商品名", "商品名称", "商品标题", "宝贝名称", "宝贝标题", "产品名称", "片名", "书名",
    "课程名称", "文章标题", "视频标题", "商品名稱",
))  # fmt: skip
_TYPES = frozenset((
    "event", "eventtype", "eventname", "type", "action", "activity", "behavior", "behaviour",
    "behaviortype", "behaviourtype", "interaction", "interactiontype", "feedback", "feedbacktype",
    "事件", "事件类型", "类型", "行为", "行为类型", "动作", "操作", "操作类型", "事件類型", "行為",
))  # fmt: skip
_RATINGS = frozenset((
    "rating", "ratings", "score", "star", "stars", "rate", "overall", "grade", "bookrating",
    "userrating", "评分", "打分", "分数", "星级", "得分", "用户评分", "評分", "評價",
))  # fmt: skip
_TIMES = frozenset((
    "timestamp", "time", "datetime", "date", "ts", "at", "createdat", "created", "eventtime",
    "eventdate", "orderdate", "orderedat", "purchasedat", "purchasedate", "visitedat", "invoicedate",
    "dateadded", "ratedat", "unixreviewtime", "reviewtime",
    "时间", "日期", "时间戳", "下单时间", "创建时间", "访问时间", "购买时间", "发生时间", "事件时间",
    "评分时间", "下单日期", "時間", "時間戳", "订单创建时间", "订单付款时间", "付款时间", "成交时间",
    "支付时间",
))  # fmt: skip
_STATUSES = frozenset((
    "status", "orderstatus", "financialstatus", "paymentstatus", "orderstate", "transactionstatus",
    "订单状态", "交易状态", "支付状态", "付款状态", "状态", "訂單狀態", "付款狀態",
))  # fmt: skip
_PRICES = frozenset((
    "price", "priceusd", "priceeur", "pricecny", "unitprice", "saleprice", "listprice", "cost",
    "amount", "fee", "variantprice", "价格", "售价", "单价", "价钱", "定价", "现价", "零售价", "費用",
    "價格", "售價", "單價",
))  # fmt: skip
_IMAGES = frozenset((
    "image", "images", "imageurl", "imageurls", "imagesurl", "imagessrc", "imagelink", "imagesrc",
    "picture", "pictureurl", "photo", "photourl",
    "thumbnail", "cover", "coverurl", "poster", "posterurl", "img", "imgurl", "imurl",
    "图片", "图片链接", "图片地址", "主图", "封面", "封面图", "商品图片", "圖片", "圖片連結",
))  # fmt: skip
_STOCKS = frozenset((
    "stock", "inventory", "instock", "stocklevel", "stockquantity", "quantityinstock", "available",
    "availability", "variantinventoryqty", "inventoryqty", "inventoryquantity", "quantityavailable",
    "库存", "库存量", "库存数量", "现货", "庫存", "存货",
))  # fmt: skip
_DATES = frozenset((
    "launchedon", "launchdate", "launched", "releasedate", "released", "publishedat", "publisheddate",
    "published", "publicationdate", "pubdate", "addedat", "addedon", "createdat", "created", "date",
    "availablefrom", "上架时间", "上架日期", "发布时间", "发布日期", "上市日期", "出版日期", "创建时间",
    "上新时间", "日期", "上架時間",
))  # fmt: skip
_SEGMENTS = frozenset((
    "segment", "group", "tier", "level", "plan", "cohort", "membership", "customertype", "usertype",
    "分组", "分层", "等级", "会员等级", "用户类型", "客户类型", "人群", "用户分群", "會員等級",
))  # fmt: skip
_ITEM_NAMES: tuple[tuple[ColumnRole, frozenset[str]], ...] = (
    ("price", _PRICES), ("stock", _STOCKS), ("image", _IMAGES), ("date", _DATES),
)  # fmt: skip
_INNER = "."
"""Between the names of an object within a row and of what is in it: "price.amount"."""
_VAGUE = frozenset(
    ("id", "no", "code", "编号", "編號", "序号", "title", "type", "level", "group", "name")
)
"""Names that mean the row's own only where they stand alone: "category.id" is not the item's."""
_DESCRIPTION = re.compile(
    r"desc|summary|overview|plot|synopsis|about|detail|简介|描述|介绍|详情|说明|簡介|介紹|說明"
)
_EPOCH = re.compile(r"[12]\d{9}(?:\d{3})?(?:\.\d+)?")
_CODE = r"(?=\S*\d)[\w./#-]{1,24}"
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif)(?:\?\S*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnUse:
    """A column, what it seems to be for, and up to three examples of its values."""

    name: str
    role: ColumnRole
    examples: tuple[str, ...]


def guess_table(frame: pd.DataFrame) -> tuple[TableKind, tuple[ColumnUse, ...]]:
    """What a table is, and its columns in their order; by names first, then by values.

    Args:
        frame: the first rows, every cell a text.
    """
    kind = guess_kind(frame)
    return kind, guess_roles(frame, kind)


def names_columns(frame: pd.DataFrame) -> bool:
    """Whether the only row there is names columns: a table of which no row was exported."""
    if len(frame) != 1 or frame.shape[1] < 2:
        return False
    known = frozenset().union(
        _USERS, _ITEMS, _TITLES, _TYPES, _RATINGS, _TIMES, _PRICES, _IMAGES, _STOCKS, _DATES,
        _SEGMENTS,
    )  # fmt: skip
    cells = [str(cell) for cell in frame.iloc[0]]
    named = sum(_is_called(cell, known) for cell in cells)
    return named >= 2 and not any(any(map(str.isdigit, cell)) for cell in cells)


def guess_kind(frame: pd.DataFrame) -> TableKind:
    """Events name users and items, a list of items has each once, a list of users knows no item."""
    plain = {_plain(name) for name in frame.columns}
    has_user, has_item = _has(frame, _USERS), _has(frame, _ITEMS)
    # A line of an order names what was bought by its title where the shop has no numbers.
    has_item = has_item or (has_user and "lineitemname" in plain)
    if has_user and (has_item or plain & _TYPES or plain & _RATINGS):
        return "events"
    if has_user:
        return "users"
    if has_item and plain & (_TYPES | _TIMES) and not _has_key(frame):
        return "events"
    if has_item or _has_key(frame):
        return "items"
    # Two columns of repeated values or more, and nothing that is named once: somebody did something.
    return "events" if frame.shape[1] >= 2 else "items"


def is_surely(frame: pd.DataFrame) -> bool:
    """Whether a column is called as users or items are, or no column has a name at all."""
    is_nameless = all(re.fullmatch(r"Column \d+", str(name)) for name in frame.columns)
    return is_nameless or _has(frame, _USERS) or _has(frame, _ITEMS)


def guess_roles(frame: pd.DataFrame, kind: TableKind) -> tuple[ColumnUse, ...]:
    """What the columns are for in a table of that kind, in their order."""
    looked_at = frame.head(N_LOOKED_AT)
    guesses = {guess.name: guess for guess in guess_columns(_rows(looked_at))}
    match kind:
        case "items":
            roles = _item_roles(looked_at, guesses)
        case "events":
            roles = _event_roles(looked_at, guesses)
        case "users":
            roles = _user_roles(looked_at, guesses)
        case _:
            roles = {}
    return tuple(
        ColumnUse(
            name=name,
            role=roles.get(name, "ignore"),
            examples=guesses[name].examples if name in guesses else (),
        )
        for name in looked_at.columns
    )


def _item_roles(frame: pd.DataFrame, guesses: Mapping[str, ColumnGuess]) -> dict[str, ColumnRole]:
    roles: dict[str, ColumnRole] = {}
    key = _named(frame, _ITEMS | {"id", "编号", "編號", "序号", "no", "code"}, unique=True)
    key = key or next((name for name in frame.columns if _is_key(frame[name])), None)
    if key is not None:
        roles[key] = "item"
    for role, names in _ITEM_NAMES:
        # "Published" is a day for some and a yes for others.
        no_days = [n for n in frame.columns if role == "date" and not _are_dates(frame[n])]
        found = _named(frame, names, but=[*roles, *no_days])
        if found is not None:
            roles[found] = role
    for name, guess in guesses.items():
        if name not in roles:
            roles[name] = _item_role(guess, frame[name], roles)
    if "title" not in roles.values():
        texts = [name for name, role in roles.items() if role == "text"]
        if texts:
            roles[texts[0]] = "title"
    return roles


def _item_role(
    guess: ColumnGuess, cells: pd.Series[str], taken: Mapping[str, ColumnRole]
) -> ColumnRole:
    role: ColumnRole
    if guess.kind == "link":
        role = "image" if _are_pictures(cells) else "link"
    elif guess.role == "title":
        role = "title"
    elif guess.kind == "date":
        role = "date"
    elif guess.kind == "number":
        role = "attribute" if 1 < guess.n_distinct <= _FEW_NUMBERS else "ignore"
    elif guess.kind == "category" or _is_list(guess.name, cells):
        role = "attribute" if guess.n_distinct > 1 else "ignore"
    else:
        role = "ignore" if guess.role == "ignore" or _are_codes(cells) else "text"
    is_taken = role not in REPEATABLE and role in taken.values()
    return "ignore" if is_taken else role


def _event_roles(frame: pd.DataFrame, guesses: Mapping[str, ColumnGuess]) -> dict[str, ColumnRole]:
    roles: dict[str, ColumnRole] = {}
    items = _ITEMS if _has(frame, _ITEMS) else _ITEMS | _TITLES
    wanted: tuple[tuple[ColumnRole, frozenset[str]], ...] = (
        ("user", _USERS), ("item", items), ("type", _TYPES), ("rating", _RATINGS), ("time", _TIMES),
        ("title", _TITLES), ("status", _STATUSES),
    )  # fmt: skip
    for role, names in wanted:
        found = _named(frame, names, but=roles)
        if found is not None:
            roles[found] = role
    dates = [
        name
        for name, guess in guesses.items()
        if name not in roles and (guess.kind == "date" or _are_epochs(frame[name]))
    ]
    if "time" not in roles.values() and dates:
        roles[dates[0]] = "time"
    for role in NEEDED["events"]:  # whatever is left, the first column first
        if role not in roles.values():
            left = next((name for name in frame.columns if name not in roles), None)
            if left is not None:
                roles[left] = role
    return roles


def _user_roles(frame: pd.DataFrame, guesses: Mapping[str, ColumnGuess]) -> dict[str, ColumnRole]:
    roles: dict[str, ColumnRole] = {}
    key = _named(frame, _USERS | {"id"}) or str(frame.columns[0])
    roles[key] = "user"
    segment = _named(frame, _SEGMENTS, but=roles)
    if segment is None:
        kinds = [n for n, g in guesses.items() if g.kind == "category" and n not in roles]
        segment = kinds[0] if kinds else None
    if segment is not None:
        roles[segment] = "segment"
    return roles


def _named(
    frame: pd.DataFrame,
    names: frozenset[str] | set[str],
    *,
    but: Collection[str] = (),
    unique: bool = False,
) -> str | None:
    """The first column called like that; with `unique`, the first whose values name things."""
    found = [n for n in frame.columns if _is_called(n, names) and n not in but]
    found.sort(key=lambda name: not _is_filled(frame[str(name)]))  # stable: else the order stays
    if unique:
        found.sort(key=lambda name: not _is_key(frame[str(name)]))  # stable: else the order stays
    return found[0] if found else None


def _has(frame: pd.DataFrame, names: frozenset[str]) -> bool:
    """Whether a column that is not all but empty is called like that."""
    return any(_is_called(n, names) and _is_filled(frame[n]) for n in frame.columns)


def _is_called(name: str, names: frozenset[str] | set[str]) -> bool:
    """Whether a column is called like that; users and items also with an ending for an id."""
    plain = _plain(name)
    if plain in names or (_INNER in name and _plain(name.rpartition(_INNER)[2]) in names - _VAGUE):
        return True
    if not names & {"user", "item"}:
        return False
    return any(plain.removesuffix(end) in names for end in _ENDINGS if plain.endswith(end))


def _is_filled(cells: pd.Series[str]) -> bool:
    return len(cells) == 0 or bool((cells != "").mean() >= 0.5)


def _has_key(frame: pd.DataFrame) -> bool:
    return any(_is_key(frame[name]) for name in frame.columns)


def _is_key(cells: pd.Series[str]) -> bool:
    """Whether the values name things: short, there for every row, and hardly ever twice."""
    if len(cells) == 0 or (cells == "").any() or (cells.str.len() > 64).any():
        return False
    return bool(cells.nunique() >= _MOST * len(cells)) and not cells.str.contains(" ").any()


def _is_list(name: str, cells: pd.Series[str]) -> bool:
    """Whether cells list values; a description that is made of a few words lists none."""
    return _DESCRIPTION.search(_plain(name)) is None and several.is_list(cells)


def _are_pictures(cells: pd.Series[str]) -> bool:
    filled = cells[cells != ""]
    return bool(len(filled)) and bool(filled.str.contains(_PICTURE).mean() > 0.5)


def _are_codes(cells: pd.Series[str]) -> bool:
    """Whether most values are numbers of articles and the like, which say nothing to a reader."""
    filled = cells[cells != ""]
    return bool(len(filled)) and bool(filled.str.fullmatch(_CODE).mean() > 0.9)


def _are_dates(cells: pd.Series[str]) -> bool:
    """Whether most of what is filled in can be read as a time."""
    filled = cells[cells != ""].head(_N_DATES)
    return not len(filled) or values.times(filled).n_unread <= 0.5 * len(filled)


def _are_epochs(cells: pd.Series[str]) -> bool:
    """Whether all count seconds since 1970, or thousandths of them, and fall after 2001."""
    filled = cells[cells != ""]
    return bool(len(filled)) and bool(filled.str.fullmatch(_EPOCH).all())


def _rows(frame: pd.DataFrame) -> list[tuple[tuple[str, str], ...]]:
    names: Sequence[str] = list(frame.columns)
    return [
        tuple((name, cell) for name, cell in zip(names, row, strict=True) if cell)
        for row in frame.itertuples(index=False, name=None)
    ]


def _plain(name: str) -> str:
    """A column's name without case, spaces, underscores, and a unit in brackets or a type after a colon.

    "rating:float" is how data sets for training recommenders name their columns.
    """
    return re.sub(r"[\s_\-.]+|[(（\[].*|(?<=.)[:：].*", "", name).lower()
