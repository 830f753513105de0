"""axe-core on every page of the navigation, in both themes: it finds nothing serious or critical."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from studio.acting import Role
from studio.config import Settings
from studio.workbench import Workbench
from tests.e2e.conftest import PHONE
from tests.e2e.test_chatbot import HEAD, ask, open_sample

LOCALES = ("en-US", "zh-CN")
GRAVE = ("serious", "critical")
# Said as the sample's documents say it, so that the demo engine finds it too.
QUOTED = {
    "en-US": "The Tide Club is our membership for people who shop with us",
    "zh-CN": "能用支付宝吗？",
}


STILL = """
*, *::before, *::after { transition: none !important; animation-duration: 0s !important }
[data-stale=true] { opacity: 1 !important }
"""
"""Colours fade in: in the middle of that a text has less contrast than it will have. What a page
that runs again has not yet replaced fades too, at once where nothing fades slowly."""


@pytest.fixture(scope="module")
def filled_server(start_server):
    """A studio on the demo engine whose pages have something to show."""
    return start_server(env={"STUDIO_DEMO": "1"})


BACKGROUND = """() => getComputedStyle(
    document.querySelector("[data-testid=stApp]") ?? document.body).backgroundColor"""
PREFERS_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"


def findings(visitor) -> list[str]:
    """What axe finds on the page as it is now, one line for each element, the grave ones only.

    By all rules in the theme that the page has; then, of an English page, in the other one, which
    the page takes at once when the system does, by the rule about contrast: nothing but colours
    differs, and colours know no language. The theme is the visitor's own again afterwards.
    """
    page = visitor.page
    page.add_style_tag(content=STILL)
    settle(visitor)
    found = grave(page)
    if page.evaluate("navigator.language") != "en-US":
        return found
    own, other = ("dark", "light") if page.evaluate(PREFERS_DARK) else ("light", "dark")
    take_theme(visitor, other)
    found += [f"{other}: {line}" for line in grave(page, runOnly=["color-contrast"])]
    take_theme(visitor, own)
    return found


def take_theme(visitor, scheme: str) -> None:
    """The system's theme becomes this one, and the page has followed."""
    before = visitor.page.evaluate(BACKGROUND)
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.page.wait_for_function(f"before => ({BACKGROUND})() !== before", arg=before)
    settle(visitor)


def settle(visitor) -> None:
    """What the page has begun is done: a Streamlit page runs again, as it may ask for the theme."""
    visitor.page.wait_for_timeout(400)
    if visitor.page.get_by_test_id("stApp").count():  # the form to sign in is none
        visitor.wait_idle()


def grave(page, **options) -> list[str]:
    """What axe says by these rules, or by all."""
    options["resultTypes"] = ["violations"]  # the long lists of what is well take most of the time
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{found['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for found in violations
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]


def addresses(visitor) -> list[str]:
    """Where the links of the navigation lead."""
    links = visitor.page.get_by_test_id("stSidebarNavLink")
    links.first.wait_for()
    return [
        "/" + link.get_attribute("href").split("?")[0].rsplit("/", 1)[-1] for link in links.all()
    ]


def test_every_page_of_the_navigation(open_visitor, filled_server) -> None:
    visitor = open_visitor(filled_server)
    open_sample(visitor)
    visitor.goto("/")
    pages = addresses(visitor)
    assert {"/chatbot", "/models", "/settings"} <= set(pages)
    found = {}
    for path in pages:
        visitor.goto(path)
        found[path] = findings(visitor)
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_builder_with_an_answer_and_everything_open(
    open_visitor, filled_server, locale
) -> None:
    visitor = open_visitor(filled_server, locale=locale)
    page = visitor.page
    open_sample(visitor)
    ask(visitor, QUOTED[locale])
    closed = page.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    visitor.wait_idle()
    found = {"builder": findings(visitor)}
    page.locator(".st-key-_header-versions button:visible").click()
    page.locator("[class*=st-key-version_]").first.wait_for()
    found["versions"] = findings(visitor)
    page.keyboard.press("Escape")
    page.locator("button.chip, button.source").first.click()
    page.get_by_role("dialog").wait_for()
    found["passage"] = findings(visitor)
    assert {part: lines for part, lines in found.items() if lines} == {}


def test_the_builder_on_a_phone(open_visitor, filled_server) -> None:
    visitor = open_visitor(filled_server, viewport=PHONE)
    open_sample(visitor)
    found = {"try": findings(visitor)}
    visitor.page.locator(".st-key-builder_switch").get_by_text("Settings").click()
    visitor.page.locator(HEAD).wait_for(state="hidden")
    found["settings"] = findings(visitor)
    assert {part: lines for part, lines in found.items() if lines} == {}


def test_every_part_of_the_models_page(open_visitor, filled_server) -> None:
    visitor = open_visitor(filled_server)
    visitor.goto("/models")
    found = {}
    for part in ("Catalogue", "Add a model", "Try a model"):
        visitor.page.get_by_role("radio", name=part).click()
        visitor.wait_idle()
        found[part] = findings(visitor)
    assert {part: lines for part, lines in found.items() if lines} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_view_of_the_search_builder(open_visitor, filled_server, locale) -> None:
    visitor = open_visitor(filled_server, locale=locale)
    page = visitor.page
    visitor.goto("/search")
    page.locator("[class*='st-key-_chooser'] button").first.click()
    panel = page.locator(".st-key-panel_try")
    box = panel.locator("[data-testid=stTextInput] input").first
    box.wait_for(timeout=60_000)
    box.fill({"en-US": "Cove 2 Tent camping tents", "zh-CN": "小湾2双人帐"}[locale])
    panel.locator("[class*='st-key-search_result_']").first.wait_for(timeout=60_000)
    visitor.wait_idle()
    found = {"results": findings(visitor)}
    views = panel.locator("[data-testid=stButtonGroup]").first.get_by_role("radio")
    views.nth(1).click()
    parts = panel.locator("[data-testid=stButtonGroup]").nth(1).get_by_role("radio")
    for i, part in enumerate(("side by side", "judgements", "measure")):
        parts.nth(i).click()
        visitor.wait_idle()
        found[part] = findings(visitor)
    views.nth(2).click()
    sample = panel.get_by_role("button", name=re.compile("Use the sample list|使用示例列表"))
    chart = panel.locator("[data-testid=stPlotlyChart]")
    sample.or_(chart).first.wait_for()
    if sample.count():  # once for both languages
        sample.click()
    chart.first.wait_for(timeout=60_000)
    visitor.wait_idle()
    found["queries"] = findings(visitor)
    assert {part: lines for part, lines in found.items() if lines} == {}


def findings_of_views(visitor, group, found: dict[str, list[str]], name: str) -> None:
    """Choose one view of a group of buttons after another, and look at each."""
    views = group.get_by_role("radio")
    for i in range(views.count()):
        views.nth(i).click()
        expect(views.nth(i)).to_be_checked()
        visitor.wait_idle()
        found[f"{name} {i}"] = findings(visitor)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_view_of_the_recommender(open_visitor, filled_server, locale) -> None:
    visitor = open_visitor(filled_server, locale=locale)
    page = visitor.page
    visitor.goto("/recommendations")
    page.locator("[class*='st-key-_chooser'] button").first.click()
    panel = page.locator(".st-key-panel_try")
    panel.locator("[class*='st-key-recommended_']").first.wait_for(timeout=120_000)
    found: dict[str, list[str]] = {}
    views = panel.locator("[data-testid=stButtonGroup]").first
    findings_of_views(visitor, views, found, "view")
    page.locator("[class*='st-key-_recommendation-boosts-'] button").first.click()
    page.get_by_test_id("stPopoverBody").locator("[data-selected=true]").wait_for()
    found["what opens over the page"] = findings(visitor)
    assert {part: lines for part, lines in found.items() if lines} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_view_of_the_classifier(open_visitor, filled_server, locale) -> None:
    visitor = open_visitor(filled_server, locale=locale)
    page = visitor.page
    visitor.goto("/classifier")
    page.locator("[class*='st-key-_chooser'] button").first.click()
    panel = page.locator(".st-key-panel_try")
    panel.locator("[class*='st-key-classifier_suggest_'] button").first.click(timeout=60_000)
    panel.locator("[class*='st-key-classifier_answer_']").wait_for(timeout=60_000)
    found: dict[str, list[str]] = {}
    views = panel.locator("[data-testid=stButtonGroup]").first
    findings_of_views(visitor, views, found, "view")
    assert {part: lines for part, lines in found.items() if lines} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_view_of_the_content_builder(open_visitor, filled_server, locale) -> None:
    visitor = open_visitor(filled_server, locale=locale)
    page = visitor.page
    visitor.goto("/content")
    page.locator("[class*='st-key-_chooser'] button").first.click()
    page.locator("[class*='st-key-_content-fill'] button").click()
    form = page.locator("[class*='st-key-content_brief_']")
    expect(form.locator("input, textarea").first).to_have_value(re.compile(r"\S"), timeout=60_000)
    visitor.wait_idle()
    page.locator("[class*='st-key-_content-send'] button").click()
    page.locator(".st-key-panel_try [class*='st-key-content_text_']").first.wait_for(timeout=60_000)
    visitor.wait_idle()
    found = {"written": findings(visitor)}
    views = page.locator(".st-key-panel_try [data-testid=stButtonGroup]").first
    findings_of_views(visitor, views, found, "view")
    assert {part: lines for part, lines in found.items() if lines} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_view_of_the_business_pages(open_visitor, filled_server, locale) -> None:
    visitor = open_visitor(filled_server, locale=locale)
    page = visitor.page
    open_sample(visitor)
    expect(page).to_have_url(re.compile("prototype="))
    of_it = "?" + page.url.partition("?")[2]  # else the pages take what was made last
    visitor.goto("/cost" + of_it)
    charts = page.locator("[data-testid=stPlotlyChart]")
    if not charts.count():
        page.get_by_role("button", name=re.compile("Measure now|立即测量")).click()
    charts.first.wait_for(timeout=120_000)
    visitor.wait_idle()
    found = {"cost": findings(visitor)}
    visitor.goto("/business-models" + of_it)
    charts.first.wait_for()
    findings_of_views(visitor, page.locator(".st-key-_models-view"), found, "model view")
    visitor.goto("/compare-models" + of_it)
    charts.first.wait_for()
    visitor.wait_idle()
    found["compare"] = findings(visitor)
    assert {part: lines for part, lines in found.items() if lines} == {}


@pytest.fixture(scope="module")
def people_server(start_server, tmp_path_factory):
    """A studio that asks for signing in, with people, projects, and prototypes that were put aside."""
    home = tmp_path_factory.mktemp("people") / "home"
    home.mkdir()
    with Workbench.open(settings=Settings(home=home, is_demo=True), resume=False) as bench:
        bench.accounts.add("Ann", Role.OWNER, "correct horse")
        bench.workspace.projects.create("Camping")
        first, second, third = (bench.create_chatbot(f"Bot {n}") for n in range(3))
        bench.delete(first.id)
        bench.workspace.prototypes.archive(second.id)
        assert third.name == "Bot 2"
    return start_server(env={"STUDIO_DEMO": "1", "STUDIO_SIGN_IN": "required"}, home=home)


@pytest.mark.parametrize("locale", LOCALES)
def test_signing_in_people_and_the_list_with_its_tools(open_visitor, people_server, locale) -> None:
    visitor = open_visitor(people_server, locale=locale)
    page = visitor.page
    page.goto(people_server.url + "/people")
    page.locator("input[name=name]").fill("Ann")
    page.locator("input[name=password]").fill("a wrong password")
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found = {"form": findings(visitor)}
    page.locator("input[name=password]").fill("correct horse")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name=re.compile("^(Change|更改)$")).click()
    expect(
        page.get_by_role("button", name=re.compile("Remove this person|移除此人"))
    ).to_be_visible()
    found["people"] = findings(visitor)
    visitor.goto("/")
    expect(page.get_by_text("Bot 2")).to_be_visible()
    found["list"] = findings(visitor)
    page.get_by_role("radio", name=re.compile("Deleted|已删除")).click()
    expect(page.get_by_role("button", name=re.compile("^(Restore|恢复)$"))).to_be_visible()
    found["deleted"] = findings(visitor)
    visitor.goto("/activity")
    found["activity"] = findings(visitor)
    visitor.screenshot(f"activity-{locale}", full_page=True)
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_every_view_of_the_export_page(open_visitor, filled_server) -> None:
    visitor = open_visitor(filled_server)
    open_sample(visitor)
    visitor.goto("/export")
    page = visitor.page
    page.get_by_text("as a ZIP file").wait_for()
    found = {"code": findings(visitor)}
    page.get_by_role("radio", name="Report").click()
    make = page.get_by_role("button", name=re.compile("Make the report|Make it again"))
    make.wait_for()
    if make.inner_text().endswith("the report"):  # once for both languages
        make.click()
    page.get_by_role("button", name="Download the report").wait_for(timeout=60_000)
    visitor.wait_idle()
    found["report"] = findings(visitor)
    for view in ("Import", "Backup"):
        page.get_by_role("radio", name=view).click()
        visitor.wait_idle()
        found[view] = findings(visitor)
    assert {part: lines for part, lines in found.items() if lines} == {}
