"""Draw ``users.csv`` and ``events.csv`` of the sample company from latent tastes.

Each user has a mixture over ten tastes (camper, hiker, cyclist ...), favourite subcategories and
a feeling about prices; each product has loadings on the tastes by its subcategory and name, a
popularity with a long tail and a launch date. Visits follow the seasons. Within a visit a user
looks at related products, puts some into the basket, buys some, and often adds a complementary
product. Ratings follow some days later. Users without history, new products, a few automatic
visitors and a few repeated lines are mixed in on purpose, as in real logs.

Run ``python sample_data/make_events.py`` after ``make_catalogue.py``. All randomness comes from
``random.Random(seed)``, so the same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
DEFAULT_SEED = 20260115
USERS = 900
COLD_SHARE = 0.06
BOTS = 6
REPEATED_LINES = 45
START = date(2025, 1, 1)
DAYS = 365
TASTES = (
    "camper",
    "hiker",
    "cyclist",
    "traveller",
    "cook",
    "tea",
    "gardener",
    "homebody",
    "parent",
    "gadget",
)
LOADINGS: dict[str, dict[str, float]] = {
    "tents": {"camper": 1.0, "hiker": 0.35},
    "sleeping_bags": {"camper": 0.95, "hiker": 0.35},
    "stoves": {"camper": 0.9, "cook": 0.2},
    "lamps": {"camper": 0.65, "gadget": 0.5},
    "camp_furniture": {"camper": 0.7, "parent": 0.3, "gardener": 0.2},
    "backpacks": {"hiker": 0.9, "traveller": 0.35},
    "rainwear": {"hiker": 0.75, "cyclist": 0.3},
    "insulation": {"hiker": 0.7, "camper": 0.3},
    "merino": {"hiker": 0.65, "traveller": 0.3},
    "footwear": {"hiker": 0.8},
    "bottles": {"hiker": 0.45, "tea": 0.35, "cyclist": 0.2},
    "bike_bags": {"cyclist": 1.0},
    "bike_gear": {"cyclist": 0.95, "gadget": 0.25},
    "cycling_wear": {"cyclist": 0.95},
    "luggage": {"traveller": 0.95},
    "organisers": {"traveller": 0.9},
    "travel_comfort": {"traveller": 0.85, "homebody": 0.15},
    "power": {"gadget": 1.0, "traveller": 0.4},
    "cookware": {"cook": 1.0},
    "knives": {"cook": 0.95},
    "woodware": {"cook": 0.75, "homebody": 0.3},
    "tea_coffee": {"tea": 1.0, "cook": 0.2},
    "tableware": {"cook": 0.4, "homebody": 0.5, "tea": 0.3},
    "blankets": {"homebody": 1.0},
    "candles": {"homebody": 0.9, "tea": 0.2},
    "garden_tools": {"gardener": 1.0},
    "planters": {"gardener": 0.95, "homebody": 0.2},
}
COMPLEMENTS: dict[str, tuple[str, ...]] = {
    "tents": ("sleeping_bags", "lamps", "stoves"),
    "sleeping_bags": ("tents", "camp_furniture"),
    "stoves": ("bottles", "tents", "tableware"),
    "lamps": ("power", "camp_furniture"),
    "camp_furniture": ("tableware", "lamps"),
    "backpacks": ("rainwear", "bottles", "footwear"),
    "rainwear": ("merino", "footwear"),
    "insulation": ("merino", "rainwear"),
    "merino": ("footwear", "insulation"),
    "footwear": ("merino", "backpacks"),
    "bottles": ("backpacks", "tea_coffee"),
    "bike_bags": ("bike_gear", "cycling_wear"),
    "bike_gear": ("bike_bags", "cycling_wear"),
    "cycling_wear": ("bike_gear", "rainwear"),
    "luggage": ("organisers", "travel_comfort"),
    "organisers": ("luggage", "power"),
    "travel_comfort": ("organisers", "luggage"),
    "power": ("organisers", "lamps"),
    "cookware": ("knives", "woodware"),
    "knives": ("woodware", "cookware"),
    "woodware": ("knives", "tableware"),
    "tea_coffee": ("tableware", "candles"),
    "tableware": ("tea_coffee", "woodware"),
    "blankets": ("candles", "tea_coffee"),
    "candles": ("blankets", "tableware"),
    "garden_tools": ("planters",),
    "planters": ("garden_tools",),
}
# Month (1 to 12) in which the interest in a category is highest, and how strongly it swings.
SEASONS = {
    "camping": (6, 0.9),
    "hiking": (8, 0.5),
    "cycling": (5, 0.6),
    "travel": (7, 0.5),
    "kitchen": (12, 0.5),
    "home": (12, 0.8),
    "garden": (4, 1.1),
}
CONSUMABLE = (
    "Breakfast Tea",
    "Jasmine",
    "Coffee Beans",
    "Candle",
    "Lights Box",
    "Soap",
    "Seed Box",
)
COUNTRIES = (
    ("US", "en", 0.56),
    ("CA", "en", 0.08),
    ("GB", "en", 0.09),
    ("DE", "en", 0.05),
    ("CN", "zh", 0.10),
    ("HK", "zh", 0.04),
    ("SG", "zh", 0.03),
    ("AU", "en", 0.05),
)
SEGMENTS = ("new", "occasional", "regular", "club")
USER_COLUMNS = ("user_id", "joined_on", "country", "language", "segment")
EVENT_COLUMNS = ("user_id", "product_id", "event", "rating", "timestamp")

Vector = NDArray[np.float64]
Event = tuple[str, str, str, str, str]


@dataclass
class Catalogue:
    """Products as arrays."""

    ids: list[str]
    subcategories: list[str]
    loadings: Vector
    price_rank: Vector
    popularity: Vector
    quality: Vector
    launched: NDArray[np.int64]
    season: Vector
    renewable: NDArray[np.bool_]


@dataclass
class User:
    """One customer with hidden preferences."""

    user_id: str
    joined: date
    country: str
    language: str
    segment: str
    tastes: Vector
    affinity: Vector
    visits: int


def _loading(row: dict[str, str]) -> list[float]:
    values = dict(LOADINGS[row["subcategory"]])
    name = row["name_en"]
    if "Kids" in name or "Child" in name or "Baby" in name or "Otter" in name:
        values = {key: 0.35 * value for key, value in values.items()}
        values["parent"] = 1.0
    return [values.get(taste, 0.0) for taste in TASTES]


def _season(category: str) -> list[float]:
    peak, swing = SEASONS[category]
    return [math.exp(swing * math.cos(2 * math.pi * (m - peak) / 12)) for m in range(1, 13)]


def read_catalogue(path: Path, rng: random.Random) -> Catalogue:
    """Read the products and draw their hidden popularity.

    Args:
        path: ``products.csv``.
        rng: Source of randomness.

    Returns:
        The products as arrays.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    prices = np.array([float(row["price_usd"]) for row in rows])
    launched = [(date.fromisoformat(row["launched_on"]) - START).days for row in rows]
    ranks = prices.argsort(kind="stable").argsort(kind="stable") / max(1, len(rows) - 1)
    return Catalogue(
        ids=[row["product_id"] for row in rows],
        subcategories=[row["subcategory"] for row in rows],
        loadings=np.array([_loading(row) for row in rows]),
        price_rank=np.asarray(ranks, dtype=np.float64),
        popularity=np.array([math.exp(rng.gauss(0.0, 0.75)) for _ in rows]),
        quality=np.array([float(row["rating_prior"]) for row in rows]),
        launched=np.array(launched, dtype=np.int64),
        season=np.array([_season(row["category"]) for row in rows]),
        renewable=np.array([any(c in row["name_en"] for c in CONSUMABLE) for row in rows]),
    )


def _mixture(rng: random.Random) -> Vector:
    weights = np.array([rng.gammavariate(0.22, 1.0) + 1e-9 for _ in TASTES])
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _affinity(tastes: Vector, catalogue: Catalogue, rng: random.Random) -> Vector:
    fit = catalogue.loadings @ tastes
    liking = {name: math.exp(rng.gauss(0.0, 0.6)) for name in LOADINGS}
    favour = np.array([liking[name] for name in catalogue.subcategories])
    wallet = rng.random()
    price = np.exp(-1.2 * np.abs(catalogue.price_rank - wallet))
    return np.asarray((fit**2 + 0.004) * favour * price, dtype=np.float64)


def _country(rng: random.Random) -> tuple[str, str]:
    draw = rng.random()
    for country, language, share in COUNTRIES:
        draw -= share
        if draw < 0:
            return country, language
    return COUNTRIES[0][0], COUNTRIES[0][1]


def make_user(number: int, catalogue: Catalogue, rng: random.Random) -> User:
    """Draw one customer.

    Args:
        number: Running number from 1.
        catalogue: The products.
        rng: Source of randomness.

    Returns:
        The customer with hidden preferences.
    """
    early = rng.random() < 0.7
    days = -int(rng.random() * 1500) if early else int(rng.random() * (DAYS - 10))
    country, language = _country(rng)
    visits = 1 + int(math.exp(rng.gauss(1.75, 0.65)))
    if rng.random() < COLD_SHARE:
        visits = 0 if rng.random() < 0.4 else 1
    level = 3 if visits >= 9 and rng.random() < 0.7 else 2 if visits >= 6 else 1
    segment = SEGMENTS[0] if visits <= 1 else SEGMENTS[level]
    tastes = _mixture(rng)
    return User(
        user_id=f"U{number:04d}",
        joined=START + timedelta(days=days),
        country=country,
        language=language,
        segment=segment,
        tastes=tastes,
        affinity=_affinity(tastes, catalogue, rng),
        visits=visits,
    )


def pick(edges: Vector, rng: random.Random) -> int:
    """Draw an index in proportion to the weights whose running sums are given."""
    place = int(np.searchsorted(edges, rng.random() * float(edges[-1]), side="right"))
    return min(place, len(edges) - 1)


class Log:
    """Draws the visits of users and collects their events."""

    def __init__(self, catalogue: Catalogue, rng: random.Random) -> None:
        """Begin an empty log.

        Args:
            catalogue: The products.
            rng: Source of randomness.
        """
        self.events: list[Event] = []
        self._catalogue = catalogue
        self._rng = rng
        kinds = np.array(catalogue.subcategories)
        self._same = {name: np.where(kinds == name, 5.0, 0.25) for name in LOADINGS}
        self._fits = {
            name: np.isin(kinds, wanted).astype(np.float64) for name, wanted in COMPLEMENTS.items()
        }

    def _add(self, user: str, item: int, kind: str, when: datetime, rating: str = "") -> None:
        if when.year == START.year:
            stamp = when.strftime("%Y-%m-%dT%H:%M:%SZ")
            self.events.append((user, self._catalogue.ids[item], kind, rating, stamp))

    def _moment(self, day: int) -> datetime:
        hour = min(23.9, max(0.1, self._rng.gauss(16.5, 4.2)))
        midnight = datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(days=day)
        return midnight + timedelta(seconds=int(hour * 3600))

    def _pause(self) -> timedelta:
        return timedelta(seconds=20 + int(self._rng.expovariate(1 / 90)))

    def visit(self, user: User, day: int, owned: set[int]) -> None:
        """Draw one visit of a customer.

        Args:
            user: The customer.
            day: Day of the year, from 0.
            owned: Products bought before; new ones are added.
        """
        catalogue, rng = self._catalogue, self._rng
        age = day - catalogue.launched
        fresh = np.where(age < 0, 0.0, 1.0 + 0.8 * np.exp(-np.maximum(age, 0) / 40.0))
        month = (START + timedelta(days=day)).month - 1
        weights = user.affinity * catalogue.popularity * fresh * catalogue.season[:, month]
        for item in owned:
            if not catalogue.renewable[item]:
                weights[item] *= 0.02
        when = self._moment(day)
        topic = catalogue.subcategories[pick(np.cumsum(weights), rng)]
        edges = np.cumsum(weights * self._same[topic])
        seen: set[int] = set()
        for _ in range(1 + min(9, int(rng.expovariate(1 / 2.6)))):
            item = pick(edges, rng)
            if item in seen:
                continue
            seen.add(item)
            when += self._pause()
            when = self._look(user, item, when, weights, owned)

    def _look(
        self, user: User, item: int, when: datetime, weights: Vector, owned: set[int]
    ) -> datetime:
        rng = self._rng
        self._add(user.user_id, item, "view", when)
        desire = float(user.affinity[item] / user.affinity.max()) ** 0.35
        if rng.random() > 0.06 + 0.30 * desire:
            return when
        when += self._pause()
        self._add(user.user_id, item, "cart", when)
        if rng.random() > 0.62:
            return when
        when = self._buy(user, item, when, owned)
        if rng.random() < 0.4:
            fits = self._fits[self._catalogue.subcategories[item]]
            added = pick(np.cumsum(np.sqrt(weights) * fits + 1e-12), rng)
            if added not in owned:
                for kind in ("view", "cart"):
                    when += self._pause()
                    self._add(user.user_id, added, kind, when)
                when = self._buy(user, added, when, owned)
        return when

    def _buy(self, user: User, item: int, when: datetime, owned: set[int]) -> datetime:
        rng = self._rng
        when += self._pause()
        self._add(user.user_id, item, "buy", when)
        owned.add(item)
        if rng.random() < 0.38:
            liking = float(user.affinity[item] / user.affinity.max()) ** 0.35
            mean = float(self._catalogue.quality[item]) - 0.55 + 0.9 * liking
            stars = min(5, max(1, round(rng.gauss(mean, 0.7))))
            later = when + timedelta(days=5 + int(rng.random() * 21), seconds=rng.randrange(40000))
            self._add(user.user_id, item, "rating", later, str(stars))
        return when

    def crawl(self, user: User) -> None:
        """Draw the visits of an automatic visitor, who views at random and never buys."""
        rng = self._rng
        first = max(0, (user.joined - START).days + 1)
        for _ in range(3 + rng.randrange(3)):
            when = self._moment(first + rng.randrange(DAYS - first))
            day = (when.date() - START).days
            for _ in range(40 + rng.randrange(30)):
                item = rng.randrange(len(self._catalogue.ids))
                when += timedelta(seconds=1 + rng.randrange(2))
                if self._catalogue.launched[item] <= day:
                    self._add(user.user_id, item, "view", when)

    def repeat_lines(self, count: int) -> None:
        """Write some lines twice, as faulty trackers do."""
        self.events.extend(self._rng.choice(self.events) for _ in range(count))


def _days_of_visits(user: User, rng: random.Random) -> list[int]:
    first = max(0, (user.joined - START).days)
    return sorted(first + int(rng.random() * (DAYS - first)) for _ in range(user.visits))


def generate(products: Path, seed: int) -> tuple[list[User], list[Event]]:
    """Draw all users and events.

    Args:
        products: ``products.csv``.
        seed: Seed of everything that is drawn.

    Returns:
        The users, and the events in order of time.
    """
    rng = random.Random(seed)
    catalogue = read_catalogue(products, rng)
    users = [make_user(number, catalogue, rng) for number in range(1, USERS + 1)]
    bots = {user.user_id for user in rng.sample(users, BOTS)}
    log = Log(catalogue, rng)
    for user in users:
        if user.user_id in bots:
            log.crawl(user)
            continue
        owned: set[int] = set()
        for day in _days_of_visits(user, rng):
            log.visit(user, day, owned)
    log.repeat_lines(REPEATED_LINES)
    order = {"view": 0, "cart": 1, "buy": 2, "rating": 3}
    log.events.sort(key=lambda event: (event[4], event[0], event[1], order[event[2]]))
    return users, log.events


def write_tables(users: list[User], events: list[Event], folder: Path) -> None:
    """Write ``users.csv`` and ``events.csv``.

    Args:
        users: The customers.
        events: The events.
        folder: Where the files go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(USER_COLUMNS)
        for user in users:
            joined = user.joined.isoformat()
            writer.writerow((user.user_id, joined, user.country, user.language, user.segment))
    with (folder / "events.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(EVENT_COLUMNS)
        writer.writerows(events)


def main() -> None:
    """Write ``users.csv`` and ``events.csv``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--products", type=Path, default=HERE / "products.csv")
    parser.add_argument("--out", type=Path, default=HERE, help="target folder")
    arguments = parser.parse_args()
    users, events = generate(arguments.products, arguments.seed)
    write_tables(users, events, arguments.out)


if __name__ == "__main__":
    main()
