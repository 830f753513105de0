"""On a phone, a builder page shows either the prototype or its settings; this switches between them.

On a wide screen both stand side by side and the switch is not seen. Style rules decide, because the
server does not know how wide the window is.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.i18n import _

STYLE = Path(__file__).parent / "builder.css"
PANELS = ("try", "settings")


def show() -> None:
    """Draw the switch and load the rules; the panels have the keys `panel_try`, `panel_settings`."""
    st.html(STYLE)
    labels = {"try": _("Prototype"), "settings": _("Settings")}
    with st.container(key="builder_switch"):
        chosen = st.segmented_control(
            _("What to show"),
            PANELS,
            default="try",
            required=True,
            format_func=labels.__getitem__,
            label_visibility="collapsed",
            width="stretch",
            key="_builder.panel",
        )
    hidden = "settings" if chosen == "try" else "try"
    # Both panels are always drawn, so that nothing typed in one is lost while the other is looked at.
    st.html(
        "<style>@media (max-width: 640px) {"
        f'[data-testid="stColumn"]:has(.st-key-panel_{hidden}) {{ display: none; }}'
        "}</style>"
    )
