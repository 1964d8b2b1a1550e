"""Documents: uploading, and attaching to vouchers."""

import base64
import binascii
import re
from urllib.parse import unquote

from .errors import Problem, Spring
from .journal import parse

KINDS = {
    "csv": "text/csv", "gif": "image/gif", "jpeg": "image/jpeg", "jpg": "image/jpeg",
    "pdf": "application/pdf", "png": "image/png", "se": "text/plain", "si": "text/plain",
    "tif": "image/tiff", "tiff": "image/tiff", "txt": "text/plain", "xml": "application/xml",
}  # fmt: skip
LONGEST_EXTENSION = 4
ENTITY_TYPES = {
    "order": "ORDER", "customerinvoice": "CUSTOMER_INVOICE", "supplierinvoice": "SUPPLIER_INVOICE",
    "article": "ARTICLE", "journal": "JOURNAL",
}  # fmt: skip


def entity_type(told: str) -> str:
    """The entity type of a path, in upper case or in lower case without its underscore."""
    if told in ENTITY_TYPES.values():
        return told
    if told not in ENTITY_TYPES:
        raise Spring(
            400, f"Failed to convert value of type 'java.lang.String' to required type 'EntityType': {told}"
        )
    return ENTITY_TYPES[told]


def _parameters(value: str) -> dict:
    """The parameters of a header: `form-data; name="file"; filename="Z.pdf"`."""
    found = {}
    for name, quoted, bare in re.findall(r';\s*([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))', value):
        found[name.lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
    return found


def multipart(content_type: str, body: bytes) -> list:
    """The parts of a form: [{"name", "filename" or None, "data"}]."""
    boundary = _parameters(";" + content_type.partition(";")[2]).get("boundary")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise Spring(415, f"Content type '{content_type}' not supported")
    if not boundary:
        raise Spring(400, "the request was rejected because no multipart boundary was found")
    delimiter = b"\r\n--" + boundary.encode("latin-1")
    pieces = (b"\r\n" + body).split(delimiter)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise Spring(
            400, "Failed to parse multipart servlet request; nested exception: Stream ended unexpectedly"
        )
    parts = []
    for piece in pieces[1:-1]:
        head, gap, data = piece.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        told = next((line for line in lines if line.lower().startswith("content-disposition:")), "")
        parameters = _parameters(told)
        if not gap or "name" not in parameters:
            raise Spring(400, "Failed to parse multipart servlet request")
        filename = parameters.get("filename")
        if "filename*" in parameters:
            filename = unquote(parameters["filename*"].split("'", 2)[-1])
        parts.append({"name": parameters["name"], "filename": filename, "data": data})
    return parts


def uploaded(content_type: str, body: bytes) -> tuple:
    """(name, data) of the field `file`."""
    part = next((part for part in multipart(content_type, body) if part["name"] == "file"), None)
    if not part:
        raise Spring(400, "Required request part 'file' is not present")
    return part["filename"] or "", part["data"]


def in_json(body: bytes) -> bytes:
    """The data of a JSON body with `data` or `file` in base64."""
    told = parse(body)
    if not isinstance(told, dict):
        raise Spring(400, "JSON parse error: Cannot deserialize value of type `Object`")
    text = told.get("data", told.get("file"))
    if text is None:
        raise Problem("FILE_DATA_OR_FILE_NAME_MISSING")
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise Spring(400, f"JSON parse error: Cannot deserialize value of type `byte[]`: {error}") from error


def checked(name: str, data: bytes, most: int) -> dict:
    """What is kept of a document besides its data; refuses what the service would not take."""
    name = re.split(r"[\\/]", name)[-1]
    stem, dot, extension = name.rpartition(".")
    if not stem or not dot or not extension:
        raise Problem("FILE_NAME_NOT_SPECIFIED")
    if len(extension) > LONGEST_EXTENSION:
        raise Problem("FILE_EXTENSION_LENGTH_EXCEEDS_REQUIRED_LIMIT")
    if extension.lower() not in KINDS:
        raise Problem("DOCUMENT_TYPE_NOT_SUPPORTED", f"Filtypen {extension} stöds inte")
    if not data:
        raise Problem("FILE_IS_EMPTY")
    if len(data) > most:
        raise Spring(413, "Maximum upload size exceeded")
    return {
        "name": name,
        "fileExt": extension.lower(),
        "contentType": KINDS[extension.lower()],
        "size": len(data),
    }


def document_dto(document: dict) -> dict:
    """A document as `DocumentDTO`."""
    return {
        "id": document["id"], "name": document["name"], "type": "file", "created": document["created"],
        "reference": f"/{document['name']}", "fileExt": document["fileExt"],
        "contentType": document["contentType"], "properties": [],
    }  # fmt: skip


def attached_dto(document: dict) -> dict:
    """A document and what it is attached to as `AttachedDocumentDTO`."""
    return {
        "id": document["id"], "created": document["created"], "reference": f"/{document['name']}",
        "fileExt": document["fileExt"], "contentType": document["contentType"],
        "attachedTo": {"type": "JOURNAL", "entityId": document["attachedTo"]},
    }  # fmt: skip
