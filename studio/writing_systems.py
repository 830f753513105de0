"""Characters of languages that are written without spaces, as classes of a regular expression."""

from __future__ import annotations

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Chinese characters, also as Japanese uses them: unified, extension A and compatibility ideographs."""
CJK = f"{HAN}\u3040-\u30ff\uac00-\ud7af"
"""These with the syllables of Japanese and Korean."""
