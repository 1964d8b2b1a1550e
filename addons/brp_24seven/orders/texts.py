"""Texts as the service takes them."""

import re

# What nobody sees, and XML has no way to write
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Return a text without the characters that cannot be sent; they often come with what is pasted."""
    return _UNSEEN.sub("", text)


def fit(text: str, longest: int) -> str:
    """Return as much of a text's beginning as fits.

    :param longest: characters, counted as UTF-16 does: an emoji is two
    """
    text = text[:longest]
    while (over := len(text.encode("utf-16-le", "surrogatepass")) // 2 - longest) > 0:
        text = text[: -((over + 1) // 2)]
    return text
