from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from components.gallery_query import GalleryQuery
from studio.workspace.records import PrototypeRecord

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = {"chatbot": "Chatbot", "search": "Search"}
PROJECTS = {"p": "Camping shop", "q": "Other"}


def record(name, kind="chatbot", project="p", changed=0, made=0, **times):
    return PrototypeRecord(
        id=name,
        project_id=project,
        slug=name,
        kind=kind,
        name=name,
        version=1,
        settings={},
        is_sample=False,
        created_at=NOW + timedelta(days=made),
        updated_at=NOW + timedelta(days=changed),
        **times,
    )


ALL = [
    record("beta", changed=3, made=1),
    record("Alpha", kind="search", project="q", changed=1, made=2),
    record("gone", deleted_at=NOW, archived_at=NOW),
    record("aside", archived_at=NOW),
]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (GalleryQuery(), ["beta", "Alpha"]),
        (GalleryQuery(order="made"), ["Alpha", "beta"]),
        (GalleryQuery(order="name"), ["Alpha", "beta"]),
        (GalleryQuery(order="kind"), ["beta", "Alpha"]),
        (GalleryQuery(shelf="deleted"), ["gone"]),
        (GalleryQuery(shelf="archived"), ["aside"]),
        (GalleryQuery(kind="search"), ["Alpha"]),
        (GalleryQuery(project_id="p"), ["beta"]),
        (GalleryQuery(words="ALP"), ["Alpha"]),
        (GalleryQuery(words="camp chat"), ["beta"]),
        (GalleryQuery(words="search other"), ["Alpha"]),
        (GalleryQuery(words="camp search"), []),
    ],
)
def test_what_fits_is_found_in_its_order(query, names) -> None:
    assert [r.name for r in query.apply(ALL, KINDS, PROJECTS)] == names
