"""What is known of a model is said in the user's language and stays short."""

from __future__ import annotations

from components import i18n, model_labels


def test_languages_are_named_and_the_first_few_stand_for_many() -> None:
    assert model_labels.languages(()) == "languages unknown"
    assert model_labels.languages(("zh", "en")) == "Chinese, English"
    six = ("en", "zh", "de", "fr", "es", "ja")
    assert model_labels.languages(six) == "English, Chinese, German, French, Spanish, Japanese"
    assert model_labels.languages((*six, "ko")) == (
        "English, Chinese, German, French, Spanish and 2 more"
    )


def test_languages_are_listed_as_chinese_does(monkeypatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "zh")
    assert model_labels.languages(("zh", "en")) == "中文、英语"
