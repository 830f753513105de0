"""A test of two versions among the visitors of a demo: begin it, see how it stands, decide.

`show` draws it for every demo of a prototype, `of` for one. The module decides nothing: who meets which
version and whether a difference is chance is the library's.
"""

from __future__ import annotations

import streamlit as st

from components import bench_chart, cache, notice, session, who
from components.i18n import _, ngettext, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.feedback.split import SplitResult
from studio.workbench import AnyPrototype
from studio.workspace.publication_record import PublicationRecord

HALF = 50
SHARES = (5, 95)


def show(prototype: AnyPrototype) -> None:
    """Draw the tests of a prototype's demos, and the way to begin one."""
    st.header(_("Test two versions with visitors"), anchor=False)
    publications = cache.workbench().publications(prototype.id)
    if not publications:
        st.caption(
            _(
                "Publish the prototype first: then a part of a demo's visitors can meet another"
                " version, and what they say and how long they wait is compared."
            )
        )
    for publication in publications:
        with st.container(border=True, key=f"split_{publication.id}"):
            st.markdown(
                f"**{notice.plain(publication.headline)}** · /d/{notice.plain(publication.slug)}"
            )
            of(publication)


def of(publication: PublicationRecord) -> None:
    """Draw the test of one demo."""
    if publication.second_version is None:
        _begin(publication)
        return
    share = publication.second_share_percent
    st.markdown(
        _(
            "Version {second} is met by {share}% of the visitors, version {version} by the others."
            " Each visitor always meets the same one.",
            second=publication.second_version,
            version=publication.version,
            share=share,
        )
    )
    st.caption(
        _(
            "Keys of the API are shared out in the same way, and each call says which version answered."
            " The comparison counts visitors of the demo only: programs ask other things at another"
            " pace, and give no thumbs."
        )
    )
    may_decide = who.may(Role.OWNER)
    if may_decide:
        _share(publication, publication.second_version)
    result = cache.workbench().feedback.split_result(publication.id)
    if result is not None:
        _result(publication, result)
    if may_decide:
        _decide(publication, publication.second_version)


def _share(publication: PublicationRecord, second: int) -> None:
    key = f"_split.share.{publication.id}"
    session.fill_widget(key, publication.second_share_percent)
    st.slider(
        _("Share that meets version {n} (percent)", n=second),
        *SHARES,
        step=5,
        key=key,
        on_change=_change_share,
        args=(publication, key),
    )


def _begin(publication: PublicationRecord) -> None:
    versions = cache.workbench().workspace.prototypes.versions(publication.prototype_id)
    others = [one.version for one in versions if one.version != publication.version]
    st.caption(_("All visitors meet version {n}.", n=publication.version))
    if not others:
        st.caption(_("There is no other version yet. Every change of the settings makes one."))
        return
    if not who.may(Role.OWNER):
        st.caption(_("Only an owner of this studio begins a test."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Second version"),
            others,
            format_func=lambda n: _("Version {n}", n=n),
            key=f"_split.second.{publication.id}",
            width=200,
        )
        st.button(
            _("Let half of the visitors meet it"),
            key=f"_split.begin.{publication.id}",
            icon=":material/call_split:",
            on_click=_start,
            args=(publication,),
        )


def _result(publication: PublicationRecord, result: SplitResult) -> None:
    found = result.comparison
    rows = []
    for version, (n_up, n), requests in zip(
        found.versions, found.people, found.requests, strict=True
    ):
        visitors = ngettext("{n} visitor", "{n} visitors", requests.n_people)
        told = _("{n_up} of {n} who gave a thumb are content", n_up=n_up, n=n)
        named = _("Version {n}", n=version)
        st.caption(_("{version}: {visitors}, {told}", version=named, visitors=visitors, told=told))
    if found.satisfied is not None:
        shares = (found.satisfied.first, found.satisfied.second)
        rows = [
            (_("Version {n}", n=version), share)
            for version, share in zip(found.versions, shares, strict=True)
        ]
        bench_chart.show(rows, _("Share of content visitors"), key=f"split_chart_{publication.id}")
    notice.show(
        translate(result.on_satisfaction),
        "success" if found.satisfied is not None and found.satisfied.is_clear else "info",
    )
    notice.show(
        translate(result.on_time),
        "success" if found.time_ms is not None and found.time_ms.is_clear else "info",
    )
    st.caption(
        _(
            "Satisfaction: Fisher's exact test, each visitor once, by the last thumb. Time: bootstrap"
            " of the difference of the medians over visitors. Decide beforehand how many visitors you"
            " wait for: whoever looks every day and stops at the first clear result finds differences"
            " that are none."
        )
    )


def _decide(publication: PublicationRecord, second: int) -> None:
    with st.container(horizontal=True):
        for version in (second, publication.version):
            st.button(
                _("Let everybody meet version {n}", n=version),
                key=f"_split.adopt.{publication.id}.{version}",
                on_click=_adopt,
                args=(publication, version),
            )


def _start(publication: PublicationRecord) -> None:
    second = session.widget_value(f"_split.second.{publication.id}")
    if second is not None:
        _split(publication, int(second), HALF)


def _change_share(publication: PublicationRecord, key: str) -> None:
    if publication.second_version is not None:
        _split(publication, publication.second_version, int(session.widget_value(key, HALF)))


def _split(publication: PublicationRecord, second: int, share: int) -> None:
    try:
        cache.workbench().sharing.split(publication.id, second, share)
    except StudioError as error:
        session.flash(translate(error.notice))


def _adopt(publication: PublicationRecord, version: int) -> None:
    bench = cache.workbench()
    try:
        if version == publication.version:
            bench.workspace.publications.end_split(publication.id)
        else:
            note = _("After a test against version {n}", n=publication.version)
            bench.sharing.publish_again(publication.id, version, note)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.flash(_("Everybody meets version {n} now.", n=version))
