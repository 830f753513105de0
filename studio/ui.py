"""Page configuration and navigation. No logic: each page draws itself.

Pages are named by their path, so that tests can switch to them; what is not built is not listed.
"""

from __future__ import annotations

import streamlit as st

from components import cache, shell, sign_in, visitor, who
from components.i18n import _

is_demo_only = visitor.sees_only_demos()
st.set_page_config(
    page_title="Prototype Studio", page_icon="🧩", layout="centered" if is_demo_only else "wide"
)

pages = {
    "": [
        st.Page(
            "../pages/home.py",
            title=_("Home"),
            icon=":material/home:",
            default=True,
            url_path="home",
        ),
    ],
    _("Build"): [
        st.Page(
            "../pages/build/chatbot.py",
            title=_("Chatbot"),
            icon=":material/forum:",
            url_path="chatbot",
        ),
        st.Page(
            "../pages/build/content.py",
            title=_("Content"),
            icon=":material/edit_note:",
            url_path="content",
        ),
        st.Page(
            "../pages/build/search.py",
            title=_("Search"),
            icon=":material/search:",
            url_path="search",
        ),
        st.Page(
            "../pages/build/recommendations.py",
            title=_("Recommendations"),
            icon=":material/recommend:",
            url_path="recommendations",
        ),
        st.Page(
            "../pages/build/classifier.py",
            title=_("Classifier"),
            icon=":material/label:",
            url_path="classifier",
        ),
    ],
    _("Measure"): [
        st.Page(
            "../pages/measure/evaluate.py",
            title=_("Evaluate"),
            icon=":material/straighten:",
            url_path="evaluate",
        ),
        st.Page(
            "../pages/measure/compare.py",
            title=_("Compare"),
            icon=":material/compare:",
            url_path="compare",
        ),
        st.Page(
            "../pages/measure/tune.py",
            title=_("Fine-tune"),
            icon=":material/model_training:",
            url_path="fine-tune",
        ),
        st.Page(
            "../pages/measure/explain.py",
            title=_("Explain"),
            icon=":material/lightbulb:",
            url_path="explain",
        ),
        st.Page(
            "../pages/measure/activity.py",
            title=_("Activity"),
            icon=":material/history:",
            url_path="activity",
        ),
    ],
    _("Business"): [
        st.Page(
            "../pages/business/cost.py",
            title=_("Cost and latency"),
            icon=":material/speed:",
            url_path="cost",
        ),
        st.Page(
            "../pages/business/models.py",
            title=_("Business models"),
            icon=":material/payments:",
            url_path="business-models",
        ),
        st.Page(
            "../pages/business/compare.py",
            title=_("Compare models"),
            icon=":material/view_column:",
            url_path="compare-models",
        ),
    ],
    _("Share"): [
        st.Page(
            "../pages/share/publish.py",
            title=_("Publish"),
            icon=":material/share:",
            url_path="publish",
        ),
        st.Page(
            "../pages/share/feedback.py",
            title=_("Feedback"),
            icon=":material/rate_review:",
            url_path="feedback",
        ),
        st.Page(
            "../pages/share/versions.py",
            title=_("Versions"),
            icon=":material/history:",
            url_path="versions",
        ),
        st.Page(
            "../pages/share/export.py",
            title=_("Export and report"),
            icon=":material/archive:",
            url_path="export",
        ),
        st.Page("../pages/share/api.py", title=_("API"), icon=":material/api:", url_path="api"),
    ],
    _("Run"): [
        st.Page(
            "../pages/run/models.py", title=_("Models"), icon=":material/memory:", url_path="models"
        ),
        st.Page(
            "../pages/run/service.py",
            title=_("Service"),
            icon=":material/monitor_heart:",
            url_path="service",
        ),
        st.Page(
            "../pages/run/jobs.py", title=_("Jobs"), icon=":material/hourglass:", url_path="jobs"
        ),
        st.Page(
            "../pages/run/settings.py",
            title=_("Settings"),
            icon=":material/settings:",
            url_path="settings",
        ),
        st.Page(
            "../pages/run/people.py", title=_("People"), icon=":material/group:", url_path="people"
        ),
    ],
}
demo = st.Page("../pages/demo.py", title=_("Demo"), url_path="demo", visibility="hidden")
if is_demo_only:
    nothing = st.Page("../pages/nothing_here.py", title=_("Demo"), default=True)
    page = st.navigation([nothing, demo], position="hidden")
    shell.style()
else:
    page = st.navigation(
        {**pages, "": [*pages[""], demo]},
        position="hidden" if who.must_sign_in() else "sidebar",
        expanded=True,
    )
    shell.style()
    if who.must_sign_in():
        sign_in.show()
        st.stop()
    shell.sidebar()
page.run()
cache.first_paint().set()
