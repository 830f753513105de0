"""Demo: a published prototype as its visitors meet it, and nothing else of the studio.

Address: `/demo?show=<slug>` (`/d/<slug>` leads here); `lang` asks for another language.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import demo_page, shell

with shell.page(""):
    demo_page.show(st.query_params.get("show", ""), datetime.now(UTC))
