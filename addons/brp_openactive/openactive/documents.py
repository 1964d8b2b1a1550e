"""JSON as text: written stably and exactly, read strictly."""

import json
from decimal import Decimal

from .amounts import json_number, read_integer, read_number
from .errors import BookingError

MAX_BYTES = 256 * 1024  # of a request; an order of 100 items is some 30 kB


def _number(value: object) -> int | float:
    if isinstance(value, Decimal):
        return json_number(value)
    raise TypeError(f"{value!r} cannot be written as JSON")


write_text = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_number
).encode
"""Return a value as compact JSON: properties in their order, ``Decimal`` exactly, nothing else changed."""


def read_object(body: bytes) -> dict:
    """Return the JSON object that a request has as its body. Numbers with decimals become ``Decimal``.

    :raises BookingError: ``OpenBookingError``: it is none, is too long or too deep, or names a property twice
    """
    if len(body) > MAX_BYTES:
        raise BookingError("OpenBookingError", f"The request is longer than {MAX_BYTES} bytes.")
    try:
        read = json.loads(
            body.decode("utf-8-sig"),
            parse_float=read_number,
            parse_int=read_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unambiguous,
        )
    except UnicodeDecodeError:
        raise BookingError("OpenBookingError", "The request is not text in UTF-8.") from None
    except RecursionError:
        raise BookingError("OpenBookingError", "The request is too deep.") from None
    except ValueError as error:
        words = str(error) if isinstance(error, _Refused) else "it is not JSON"
        raise BookingError("OpenBookingError", f"The request cannot be read: {words}.") from None
    if not isinstance(read, dict):
        raise BookingError("OpenBookingError", "The request is not a JSON object.")
    return read


class _Refused(ValueError):
    """JSON that Python reads, but that does not mean anything certain."""


def _refuse_constant(name: str):
    raise _Refused(f"{name} is not JSON")


def _unambiguous(pairs: list[tuple[str, object]]) -> dict:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise _Refused("a property is there twice")
    return read


def without_empty(data: dict) -> dict:
    """Return an object without the properties that are None, empty texts, lists or objects.

    They are not to be published (RPDE 1.0; Modelling Opportunity Data 2.0). False and 0 stay.
    """
    return {
        name: value for name, value in data.items() if value is not None and value not in ("", [], {}, ())
    }
