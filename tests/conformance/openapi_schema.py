"""The part of OpenAPI 3.0 that is needed to hold answers against a published description.

Stricter than JSON Schema in one way: a field that the schema does not name is wrong, unless it has
`additionalProperties`. More lenient in another: `{"type": "object"}` without anything else is how springdoc
writes a Java `Object`, and allows any value.
"""

import base64
import binascii
import re
import uuid
from datetime import date, datetime

_TYPES = {
    "array": list, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "string": str,
}  # fmt: skip
_CHECKED = {
    "$ref", "type", "format", "enum", "items", "properties", "required", "additionalProperties", "minLength",
    "maxLength", "minimum", "maximum", "pattern",
}  # fmt: skip
_TELLS_NOTHING = {"description", "example", "default", "readOnly", "writeOnly", "title"}


def _instant(text: str) -> None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        raise ValueError(text)
    datetime.fromisoformat(re.sub(r"\.\d+|Z$", "", text))


_FORMATS = {
    "date": date.fromisoformat,
    "date-time": _instant,
    "byte": lambda text: base64.b64decode(text, validate=True),
    "uuid": uuid.UUID,
}
_RANGES = {"int32": 2**31, "int64": 2**63}


class Description:
    """A published description, as read from JSON."""

    def __init__(self, document: dict):
        self.document = document
        self.schemas = document["components"]["schemas"]
        self.paths = {
            template: re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]+\}", template)))
            for template in document["paths"]
        }

    def operation(self, method: str, path: str) -> dict:
        """What is described for a path as it is asked for; a literal path goes before one with parameters."""
        fitting = [
            template
            for template, pattern in self.paths.items()
            if method.lower() in self.document["paths"][template] and pattern.fullmatch(path)
        ]
        if not fitting:
            raise LookupError(f"{method} {path} is not described")
        best = min(fitting, key=lambda template: template.count("{"))
        return self.document["paths"][best][method.lower()]

    def answer(self, method: str, path: str, status: int) -> dict | None:
        """The schema of an answer; None when nothing is said about its content."""
        answers = self.operation(method, path)["responses"]
        if str(status) not in answers:
            raise LookupError(f"{method} {path} is not described with {status}")
        content = answers[str(status)].get("content") or {}
        return next(iter(content.values()))["schema"] if content else None

    def wrong(self, schema: dict, value, where: str = "$") -> list:
        """Everything in which a value is not as the schema says."""
        unknown = set(schema) - _CHECKED - _TELLS_NOTHING
        if unknown:
            raise ValueError(f"{where}: {', '.join(sorted(unknown))} of the schema is not looked at")
        if "$ref" in schema:
            return self.wrong(self.schemas[schema["$ref"].rsplit("/", 1)[1]], value, where)
        kind = schema.get("type")
        if kind is None or (kind == "object" and not {"properties", "additionalProperties"} & set(schema)):
            return []
        if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
            return [f"{where}: {value!r} is no {kind}"]
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where}: {value!r} is none of the values")
        if isinstance(value, str):
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                found.append(f"{where}: {value!r} has the wrong length")
            if not re.search(schema.get("pattern", ""), value):
                found.append(f"{where}: {value!r} does not match the pattern")
            found += self._format(schema, value, where)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                found += self.wrong(schema.get("items", {}), item, f"{where}[{number}]")
        elif isinstance(value, dict):
            found += self._object(schema, value, where)
        elif kind in ("integer", "number"):
            limit = _RANGES.get(schema.get("format"))
            if limit and not -limit <= value < limit:
                found.append(f"{where}: {value!r} is no {schema['format']}")
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
                found.append(f"{where}: {value!r} is out of range")
        return found

    def _format(self, schema: dict, value: str, where: str) -> list:
        check = _FORMATS.get(schema.get("format"))
        try:
            if check:
                check(value)
        except (ValueError, binascii.Error):
            return [f"{where}: {value!r} is no {schema['format']}"]
        return []

    def _object(self, schema: dict, value: dict, where: str) -> list:
        found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        named = schema.get("properties", {})
        for name, item in value.items():
            if named.get(name, {}).get("writeOnly"):
                found.append(f"{where}: {name} is never told")
            elif name in named:
                found += self.wrong(named[name], item, f"{where}.{name}")
            elif schema.get("additionalProperties", False) is not False:
                more = schema["additionalProperties"]
                found += self.wrong(more, item, f"{where}.{name}") if isinstance(more, dict) else []
            else:
                found.append(f"{where}: {name} is not in the schema")
        return found
