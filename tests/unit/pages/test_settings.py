from __future__ import annotations

from decimal import Decimal


def test_the_price_is_shown_as_an_assumption(open_page) -> None:
    at = open_page("run/settings.py")
    assert at.text_input(key="_settings.machine_hour").value == "0.10"
    assert at.caption[0].value.startswith("An assumption, not a measurement")


def test_a_new_price_counts_at_once(open_page, bench) -> None:
    at = open_page("run/settings.py")
    at.text_input(key="_settings.machine_hour").set_value("0,25").run()
    assert bench.machine_hour_usd == Decimal("0.25")
    assert at.text_input(key="_settings.machine_hour").value == "0.25"
    assert at.caption[0].value.startswith("Entered by you.")


def test_a_price_that_is_none_is_refused_and_stays_to_be_mended(open_page, bench) -> None:
    at = open_page("run/settings.py")
    for text in ("ten", "-1", "", "NaN"):
        at.text_input(key="_settings.machine_hour").set_value(text).run()
        assert bench.machine_hour_usd == Decimal("0.10")
        assert len(at.error) == 1
        assert at.text_input(key="_settings.machine_hour").value == text
    at.text_input(key="_settings.machine_hour").set_value("0.3").run()
    assert not at.error
    assert bench.machine_hour_usd == Decimal("0.3")


def test_folder_and_versions_are_named(open_page, bench) -> None:
    at = open_page("run/settings.py")
    assert at.code[0].value == str(bench.settings.home)
    assert "streamlit 1.67" in at.code[1].value


def test_the_language_changes_the_whole_page(open_page) -> None:
    at = open_page("run/settings.py")
    at.segmented_control(key="_settings.language").set_value("zh").run()
    assert at.title[0].value == "设置"
    assert at.segmented_control(key="_shell.language").value == "zh"
