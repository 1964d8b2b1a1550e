"""What all errors and warnings of this package share: a stable code, and words in two languages."""

from collections.abc import Mapping

LANGUAGES = ("en", "sv")


def say(table: Mapping[str, tuple[str, str]], code: str, lang: str, /, **details: object) -> str:
    """Return the text of ``code`` in ``table``, a mapping to (English, Swedish).

    Odoo's language codes do as well: what begins with ``sv`` is Swedish, all else English.
    """
    return table[code][1 if lang.startswith("sv") else 0].format(**details)


class Problem(ValueError):
    """An error with a stable code, ``problem``, and a text for people that names no private value."""

    TEXTS: Mapping[str, tuple[str, str]] = {}

    def __init__(self, problem: str):
        self.problem = problem
        super().__init__(self.text("en"))

    def text(self, lang: str = "en") -> str:
        """Return the error in words, in English (``en``) or Swedish (``sv``)."""
        return say(self.TEXTS, self.problem, lang)

    def __reduce__(self):
        return type(self), (self.problem,)
