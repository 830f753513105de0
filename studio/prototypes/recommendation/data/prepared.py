"""Prepared data as one file: read back in a moment after a restart, without reading tables again.

An npz of arrays and of texts as JSON; nothing in it is code. A file that is damaged or of another
version counts as not there, as everything in it can be made again.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.data.cleaning import CleaningReport
from studio.prototypes.recommendation.data.profile import Profile, profile_of
from studio.prototypes.recommendation.data.verdict import DataVerdict, verdict_of
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.records import Notice
from studio.workspace.files import write_atomically

logger = logging.getLogger(__name__)

FORMAT = 1
FILE = "data.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """A table as it was read: its name, its rows, and what was repaired or left out."""

    name: str
    n_rows: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedData:
    """What recommenders learn from, and how it looks.

    `fingerprint` changes with the tables and the use of their columns. `tables` are those that were
    read, `report` says what was left out, `profile` what there is, `verdict` what it can support.
    """

    fingerprint: str
    items: Items
    events: Interactions
    tables: tuple[ReadTable, ...]
    report: CleaningReport
    profile: Profile
    verdict: DataVerdict

    @classmethod
    def of(
        cls,
        fingerprint: str,
        items: Items,
        events: Interactions,
        tables: Sequence[ReadTable],
        report: CleaningReport,
    ) -> PreparedData:
        """The data with its profile and verdict, which are counted here."""
        profile = profile_of(items, events)
        return cls(
            fingerprint=fingerprint,
            items=items,
            events=events,
            tables=tuple(tables),
            report=report,
            profile=profile,
            verdict=verdict_of(profile, report.n_unknown_item),
        )


def save(data: PreparedData, folder: Path) -> None:
    """Write the data, instead of what is there; whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    items, events = data.items, data.events
    texts = {
        "format": FORMAT,
        "fingerprint": data.fingerprint,
        "items": {
            "ids": items.ids,
            "titles": items.titles,
            "texts": items.texts,
            "attributes": items.attributes,
            "images": items.images,
            "links": items.links,
            "currency": items.currency,
        },
        "users": events.users,
        "segments": events.segments,
        "kinds": events.kinds,
        "report": asdict(data.report),
        "tables": [
            [table.name, table.n_rows, [one.to_json() for one in table.notices]]
            for table in data.tables
        ],
    }
    stream = io.BytesIO()
    np.savez(
        stream,
        texts=np.frombuffer(json.dumps(texts, ensure_ascii=False).encode("utf-8"), dtype=np.uint8),
        prices=items.prices,
        stock=items.stock,
        added_at_s=items.added_at_s,
        user_codes=events.user_codes,
        item_codes=events.item_codes,
        kind_codes=events.kind_codes,
        ratings=events.ratings,
        times_s=events.times_s,
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / FILE, stream.getvalue())


def load(folder: Path) -> PreparedData | None:
    """The data that was saved there; None where there is none that can be used."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            texts = json.loads(arrays["texts"].tobytes().decode("utf-8"))
            if texts["format"] != FORMAT:
                return None
            return _data(texts, arrays)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        logger.warning("%s cannot be used and will be made again: %s", path, error)
        return None


def _data(
    texts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> PreparedData:  # Any: JSON, and arrays of several types
    items = texts["items"]
    report: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in texts["report"].items()
    }
    return PreparedData.of(
        texts["fingerprint"],
        Items(
            ids=tuple(items["ids"]),
            titles=tuple(items["titles"]),
            texts=tuple(items["texts"]),
            attributes={
                name: tuple(map(tuple, column)) for name, column in items["attributes"].items()
            },
            images=tuple(items["images"]),
            links=tuple(items["links"]),
            prices=arrays["prices"],
            stock=arrays["stock"],
            added_at_s=arrays["added_at_s"],
            currency=items["currency"],
        ),
        Interactions(
            users=tuple(texts["users"]),
            kinds=tuple(texts["kinds"]),
            user_codes=arrays["user_codes"],
            item_codes=arrays["item_codes"],
            kind_codes=arrays["kind_codes"],
            ratings=arrays["ratings"],
            times_s=arrays["times_s"],
            segments=tuple(texts["segments"]),
        ),
        [
            ReadTable(name=name, n_rows=n_rows, notices=tuple(map(Notice.from_json, notices)))
            for name, n_rows, notices in texts["tables"]
        ],
        CleaningReport(**report),
    )
