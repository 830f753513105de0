"""Compose ``products.csv`` of the sample company from hand-written parts.

The parts lie in ``sources/catalogue/*.txt``. A line ``== category|subcategory|...|colours`` opens
a subcategory; ``U|`` and ``C|`` lines are sentences on use and care (English ``||`` Chinese);
``P|`` lines are products with a sentence of their own. The file ``0_common.txt`` holds sentences
for accessories (names with ``*``), for things that are used up (names with ``~``) and on brands.
Every description joins the product's own sentence with one on use, one on care and one on its
maker, so that no two products share the same pair of use and care sentences within a group.

Run ``python sample_data/make_catalogue.py``. The result depends only on the parts and the seed.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources" / "catalogue"
DEFAULT_SEED = 20260114
FIRST_LAUNCH = date(2019, 3, 1)
LOG_START = date(2025, 1, 1)
LOG_END = date(2025, 12, 31)
MIN_WORDS = 42
COLUMNS = (
    "product_id",
    "name_en",
    "name_zh",
    "category",
    "subcategory",
    "subcategory_zh",
    "price_usd",
    "description_en",
    "description_zh",
    "brand",
    "colour",
    "material",
    "weight_g",
    "rating_prior",
    "stock",
    "launched_on",
)

Pair = tuple[str, str]


@dataclass
class Group:
    """The parts of one subcategory."""

    category: str
    subcategory: str
    subcategory_zh: str
    colours: list[str]
    use: list[Pair] = field(default_factory=list)
    care: list[Pair] = field(default_factory=list)
    products: list[list[str]] = field(default_factory=list)


@dataclass
class Common:
    """Sentences that are shared by all subcategories."""

    accessory: tuple[list[Pair], list[Pair]] = field(default_factory=lambda: ([], []))
    consumable: tuple[list[Pair], list[Pair]] = field(default_factory=lambda: ([], []))
    makers: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    brands: dict[str, str] = field(default_factory=dict)


def _pair(text: str) -> Pair:
    english, chinese = text.split("||")
    return english.strip(), chinese.strip()


def read_common(path: Path) -> Common:
    """Read the sentences that are shared by all subcategories.

    Args:
        path: The file ``0_common.txt``.

    Returns:
        The sentences by kind.
    """
    common = Common()
    lists = {
        "U": common.accessory[0],
        "C": common.accessory[1],
        "X": common.consumable[0],
        "Z": common.consumable[1],
    }
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition("|")
        if kind == "B":
            code, brand, sentence = rest.split("|", 2)
            common.brands[code] = brand
            common.makers[code].append(_pair(sentence))
        elif kind in lists:
            lists[kind].append(_pair(rest))
    return common


def read_groups(folder: Path) -> list[Group]:
    """Read all subcategories in the order of the files.

    Args:
        folder: The folder with the parts.

    Returns:
        One group for each subcategory.
    """
    groups: list[Group] = []
    for path in sorted(folder.glob("[1-9]_*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("== "):
                category, subcategory, _, chinese, colours = line[3:].split("|")
                groups.append(Group(category, subcategory, chinese, colours.split(",")))
            elif line.startswith("U|"):
                groups[-1].use.append(_pair(line[2:]))
            elif line.startswith("C|"):
                groups[-1].care.append(_pair(line[2:]))
            elif line.startswith("P|"):
                groups[-1].products.append(line[2:].split("|"))
    return groups


class Deck:
    """Deals pairs of use and care sentences without repeating a pair."""

    def __init__(self, use: list[Pair], care: list[Pair], rng: random.Random) -> None:
        """Shuffle the sentences.

        Args:
            use: Sentences on use.
            care: Sentences on care.
            rng: Source of randomness.
        """
        self._use = rng.sample(use, len(use))
        self._care = rng.sample(care, len(care))
        self._dealt = 0

    def deal(self) -> tuple[Pair, Pair]:
        """Return the next pair; pairs repeat only after all of them were dealt."""
        turn, place = divmod(self._dealt, len(self._use))
        self._dealt += 1
        return self._use[place], self._care[(place + turn) % len(self._care)]


def launch_day(rng: random.Random) -> date:
    """Draw a launch date: most before the event log, some in it, a few near its end."""
    draw = rng.random()
    if draw < 0.78:
        return FIRST_LAUNCH + timedelta(days=int(rng.random() * (LOG_START - FIRST_LAUNCH).days))
    if draw < 0.95:
        return LOG_START + timedelta(days=int(rng.random() * 300))
    return LOG_END - timedelta(days=int(rng.random() * 40))


def describe(parts: list[Pair], weight: int) -> Pair:
    """Join sentences in both languages, adding the weight where the text is short.

    Args:
        parts: Sentences in order.
        weight: Weight in grams.

    Returns:
        The English and the Chinese description.
    """
    english = " ".join(part[0] for part in parts)
    chinese = "".join(part[1] for part in parts)
    if len(english.split()) < MIN_WORDS:
        english += f" Without its box it weighs {weight:,} g on our scales."
        chinese += f"不带包装重{weight}克。"
    return english, chinese


def make_rows(folder: Path, seed: int) -> list[dict[str, str]]:
    """Compose the catalogue.

    Args:
        folder: The folder with the parts.
        seed: Seed of everything that is drawn.

    Returns:
        One row for each product.
    """
    rng = random.Random(seed)
    common = read_common(folder / "0_common.txt")
    decks = {"*": Deck(*common.accessory, rng), "~": Deck(*common.consumable, rng)}
    rows: list[dict[str, str]] = []
    for group in read_groups(folder):
        own = Deck(group.use, group.care, rng)
        for fields in group.products:
            mark = fields[0][0]
            use, care = decks.get(mark, own).deal()
            number = len(rows) + 1
            rows.append(_row(number, group, fields, (use, care), common, rng))
    return rows


def _row(
    number: int,
    group: Group,
    fields: list[str],
    dealt: tuple[Pair, Pair],
    common: Common,
    rng: random.Random,
) -> dict[str, str]:
    name, name_zh, code, price, weight, material, core_en, core_zh = fields
    use, care = dealt
    maker = rng.choice(common.makers[code])
    order = [use, maker, care] if rng.random() < 0.5 else [maker, use, care]
    english, chinese = describe([(core_en, core_zh), *order], int(weight))
    stock = 0 if rng.random() < 0.05 else int(4 * 80 ** rng.random())
    return {
        "product_id": f"P{number:04d}",
        "name_en": name.lstrip("*~"),
        "name_zh": name_zh,
        "category": group.category,
        "subcategory": group.subcategory,
        "subcategory_zh": group.subcategory_zh,
        "price_usd": f"{int(price):d}.00",
        "description_en": english,
        "description_zh": chinese,
        "brand": common.brands[code],
        "colour": rng.choice(group.colours),
        "material": material,
        "weight_g": weight,
        "rating_prior": f"{min(4.9, max(3.2, rng.gauss(4.2, 0.35))):.1f}",
        "stock": str(stock),
        "launched_on": launch_day(rng).isoformat(),
    }


def write_rows(rows: list[dict[str, str]], target: Path) -> None:
    """Write the catalogue as CSV."""
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write ``products.csv``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--out", type=Path, default=HERE, help="target folder")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_rows(make_rows(SOURCES, arguments.seed), arguments.out / "products.csv")


if __name__ == "__main__":
    main()
