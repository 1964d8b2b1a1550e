"""Misbehaviour that was ordered, and what only this service does."""

import re
from dataclasses import dataclass

import plumbing
from plumbing import faults

KINDS = {
    **faults.KINDS,
    "error": "before",  # `exception_id` in the service's own form
    "spring": "before",  # `status` in Spring's bare form
}
_NAMES = {"exceptionId": "exception_id", "retryAfter": "retry_after"}


@dataclass
class Fault(plumbing.Fault):
    exception_id: str = ""
    message: str = ""

    kinds = KINDS

    @classmethod
    def of(cls, told) -> "Fault":
        if isinstance(told, dict):
            told = {_NAMES.get(name, name): value for name, value in told.items()}
        return super().of(told)

    @classmethod
    def short(cls, told: str) -> dict:
        """A kind, a status, or an exceptionId."""
        if told in KINDS or re.fullmatch(r"\d{3}", told):
            return super().short(told)
        return {"fault": "error", "exception_id": told}

    def check(self) -> None:
        super().check()
        if self.fault == "error" and not re.fullmatch("[A-Z0-9_]+", self.exception_id):
            raise ValueError("an exceptionId is missing")
