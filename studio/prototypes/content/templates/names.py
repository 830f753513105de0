"""What the templates are called in the gallery, and what comes out of each."""

from __future__ import annotations

from collections.abc import Mapping

from studio.records import Notice

NAMES: Mapping[str, tuple[Notice, Notice]] = {
    "product-description": (
        Notice("Product description"),
        Notice("A paragraph for the page of a product, from its facts."),
    ),
    "ad": (
        Notice("Ad variants"),
        Notice("A headline and a line or two, to be tried against each other."),
    ),
    "email": (Notice("E-mail"), Notice("Subject, text and what the reader should do.")),
    "blog": (
        Notice("Blog outline or article"),
        Notice("Headings with points, or the whole article."),
    ),
    "social-post": (
        Notice("Social post"),
        Notice("A post in the length and manner of its channel."),
    ),
    "faq": (Notice("FAQ from documents"), Notice("An answer to a question, from your documents.")),
    "seo": (
        Notice("SEO title, description, keywords"),
        Notice("What a search engine shows of a page."),
    ),
    "press-release": (
        Notice("Press release"),
        Notice("News for the press, the most important first."),
    ),
    "summary": (Notice("Summary"), Notice("What a text says, in a few sentences.")),
    "translation": (Notice("Translation"), Notice("English to Chinese, or Chinese to English.")),
    "rewrite": (Notice("Rewrite in another tone"), Notice("The same facts, said in another way.")),
    "own": (
        Notice("A form of your own"),
        Notice("Begin with two fields and one sentence; the rest is yours."),
    ),
}
"""Template -> its name and what comes out, in the order of the gallery."""
