"""The search: finds things in the tables and documents of data/, with the settings of settings.py.

    from product import search

    for result in search("something to keep tea warm").results:
        print(result.title, result.hit.relevance)

Searching is done by the library in library/, with which the search was built; so it finds here what it
found there. The README says which of its files does what.
"""

from __future__ import annotations

from functools import cache

from studio.prototypes.search.results import SearchOutcome, SearchRequest, Sorting
from studio.prototypes.search.search import Search
from studio.records import Filter

from opening import opened


@cache
def engine() -> Search:
    """The search, ready; the first call ever makes state/ from data/."""
    return opened(Search)


def search(
    query: str, filters: tuple[Filter, ...] = (), sorting: Sorting | None = None
) -> SearchOutcome:
    """The results for a query, best first, with facets to narrow them and what it took.

    Args:
        query: what somebody looks for.
        filters: conditions on columns, such as `Filter(column="price", maximum=50)`.
        sorting: in the order of a column instead of relevance.
    """
    request = SearchRequest(query=query, filters=filters, sorting=sorting)
    return engine().search(request, surface="page")
