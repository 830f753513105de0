"""Export and report: take a prototype away as code or as a report, bring one in, back everything up.

Address: `/export?prototype=<slug>`.
"""

from __future__ import annotations

import streamlit as st

from components import (
    backup_panel,
    builder_view,
    business_prototype,
    export_panel,
    import_panel,
    report_panel,
    shell,
    who,
)
from components.i18n import _
from studio.acting import Role

with shell.page(
    _("Export and report"),
    _("Hand a prototype over as running code, show it to an investor, keep a copy of everything."),
):
    views = {"code": _("Code (ZIP)"), "report": _("Report"), "import": _("Import")}
    if who.may(Role.OWNER):  # a backup has everybody's work, and the keys if they are wanted
        views["backup"] = _("Backup")
    view = builder_view.choose(views, key="_export.view")
    match view:
        case "import":
            import_panel.show()
        case "backup":
            backup_panel.show()
        case _:
            chosen = business_prototype.choose(
                _("There is nothing to export yet. Build a prototype first, or try a sample.")
            )
            if chosen is not None and view == "report":
                report_panel.show(chosen)
            elif chosen is not None:
                export_panel.show(chosen)
    st.space("small")
