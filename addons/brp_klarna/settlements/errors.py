"""What Klarna's errors mean to us: who has to do something about them.

Source: the description of Klarna's APIs (ErrorResponse).
"""

import json
from collections.abc import Mapping

_MAX_WORDS = 380  # characters of messages: with the correlation id they are not to be cut by the connector
_CORRELATION = "klarna-correlation-id"
_KINDS = {400: "ours", 401: "settings", 403: "settings", 404: "ours", 429: "again"}


def explain(status: int, headers: Mapping[str, str], body: bytes) -> tuple[str | None, str, str]:
    """Read an answer that is an error; its body is Klarna's, or anything else.

    The words end with the correlation id, which Klarna asks for when something is reported.

    :return: (kind or None, code, words); see ``Explanation`` of the connector
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = {}
    if not isinstance(told, dict):
        told = {}
    messages = told.get("error_messages")
    if not isinstance(messages, list):
        messages = [told.get("error_message") or messages]
    words = "; ".join(text for text in map(_text, messages) if text)
    if len(words) > _MAX_WORDS:
        words = words[: _MAX_WORDS - 1] + "…"
    correlation = _text(told.get("correlation_id")) or _header(headers, _CORRELATION)
    if correlation:
        words = f"{words} (correlation id {correlation[:80]})".lstrip()
    kind = "again" if status >= 500 else _KINDS.get(status)
    return kind, _text(told.get("error_code")), words


def _header(headers: Mapping[str, str] | None, name: str) -> str:
    return next((_text(value) for key, value in (headers or {}).items() if key.lower() == name), "")


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
