"""A prototype as code: what goes in, how large that is, the packing, the file.

The size is told before anything is packed. The module starts the job; packing is the library's.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components import cache, file_download, notice, progress, who
from components import format as fmt
from components.i18n import _, ngettext
from studio.acting import Role
from studio.export.desk import EXPORT_JOB
from studio.export.packing import ExportChoices, Package
from studio.jobs.runner import JobState
from studio.workbench import AnyPrototype


def show(prototype: AnyPrototype) -> None:
    """Draw the choices, the size, and the way to the file."""
    st.markdown(
        _(
            "A folder that runs on its own: a web page, a notebook, your settings as constants, your"
            " data, and the library with its sources. An engineer unpacks it and goes on from there;"
            " it gives the same answers as here."
        )
    )
    choices = _choices(prototype)
    package = cache.workbench().exports.package(prototype.id, choices)
    _contents(package, choices)
    _make(prototype, choices, package.mark)
    _not_in_it()


def _choices(prototype: AnyPrototype) -> ExportChoices:
    with st.container(border=True):
        with_index = st.checkbox(
            _("The index or the training"),
            value=True,
            key=f"_export.index.{prototype.id}",
            help=_("Without it, it is built at the first start, which takes its time."),
        )
        with_findings = st.checkbox(
            _("Judgements and business scenarios"), value=True, key=f"_export.found.{prototype.id}"
        )
        with_weights = st.checkbox(
            _("The weights of the models"),
            key=f"_export.weights.{prototype.id}",
            help=_("Without them, they are fetched at the first start."),
        )
    return ExportChoices(
        with_index=with_index, with_findings=with_findings, with_weights=with_weights
    )


def _contents(package: Package, choices: ExportChoices) -> None:
    """What goes in, with its size."""
    manifest = package.manifest
    parts = [
        (_("Code, notebook and library"), _code_bytes(package)),
        (
            ngettext("{n} file of yours", "{n} files of yours", len(manifest.documents)),
            package.bytes_of("data/documents/") + package.bytes_of("data/texts/"),
        ),
    ]
    derived = sum(package.bytes_of(f"data/{name}/") for name in manifest.derived)
    if derived:
        parts.append((_("Index or training"), derived))
    if choices.with_weights:
        parts.append((_("Weights"), package.bytes_of("state/")))
    listed = " · ".join(f"{notice.plain(name)} {fmt.size(size)}" for name, size in parts)
    packed = fmt.size(package.n_bytes_packed)
    st.markdown(_("About **{size}** as a ZIP file.", size=packed))
    st.caption(listed)


def _code_bytes(package: Package) -> int:
    return package.n_bytes - package.bytes_of("data/") - package.bytes_of("state/")


def _make(prototype: AnyPrototype, choices: ExportChoices, mark: str) -> None:
    """The button, the job, the file of this very content; for those who may have it."""
    if not who.may(Role.EDITOR):
        notice.show(_("An editor or an owner of this studio packs it and hands it on."))
        return
    bench = cache.workbench()
    path = bench.exports.outgoing(f"{prototype.id}-{mark}.zip")
    job = bench.jobs.latest(EXPORT_JOB, prototype.id)
    if progress.is_active(job):
        progress.watch(lambda: bench.jobs.latest(EXPORT_JOB, prototype.id), key="export.job")
        return
    label = _("Pack it again") if path.is_file() else _("Pack it")
    with st.container(horizontal=True):
        file_download.show(
            path,
            f"{prototype.slug}.zip",
            "application/zip",
            key="_export.download",
            read=bench.exports.to_take_away(path),
        )
        st.button(
            label,
            key="_export.pack",
            type="secondary" if path.is_file() else "primary",
            icon=":material/archive:",
            on_click=_start,
            args=(prototype.id, path, choices),
        )
    if job is not None and job.state is JobState.FAILED and job.error is not None:
        notice.show(job.error, "error")


def _start(prototype_id: str, path: Path, choices: ExportChoices) -> None:
    cache.workbench().exports.start_export(prototype_id, path, choices)


def _not_in_it() -> None:
    with st.expander(_("What does not go in"), key="_export.left_out"):
        st.markdown(
            _(
                "Keys of remote models, paths of this computer, conversations, requests and the record"
                " of calls stay here. A remote model asks for its key through an environment variable"
                " that the README names. Your documents do go in: look through them before you pass"
                " the file on."
            )
        )
