"""Misbehaviour that was ordered, and what only this service does."""

import re
from dataclasses import dataclass

import plumbing
from plumbing.faults import AFTER, BEFORE

REFUSALS = (
    "error",  # `exception_id` in the service's own form
    "spring",  # `status` in Spring's bare form
)
# What can go wrong, and whether the call has been acted on by then unless the order says otherwise.
KINDS = {**dict.fromkeys((*BEFORE, *REFUSALS), "before"), **dict.fromkeys(AFTER, "after")}
_NAMES = {"exceptionId": "exception_id", "retryAfter": "retry_after"}


@dataclass
class Fault(plumbing.Fault):
    """One order. `when` is before or after the call is acted on."""

    when: str = ""
    exception_id: str = ""
    message: str = ""

    kinds = tuple(KINDS)

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
        self.when = self.when or KINDS[self.fault]
        if self.when not in ("before", "after") or (self.when == "before" and self.fault in AFTER):
            raise ValueError(f"{self.fault}: when is not possible")
        if self.fault == "error" and not re.fullmatch("[A-Z0-9_]+", self.exception_id):
            raise ValueError("an exceptionId is missing")
