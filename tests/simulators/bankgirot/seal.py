"""The HMAC-SHA256-128 seal that protects a file on its way to Bankgirot."""

import hashlib
import hmac

_NATIONAL = {
    "É": 0x40, "Ä": 0x5B, "Ö": 0x5C, "Å": 0x5D, "Ü": 0x5E,
    "é": 0x60, "ä": 0x7B, "ö": 0x7C, "å": 0x7D, "ü": 0x7E,
}  # fmt: skip
_TABLE = bytes(byte if 32 <= byte <= 126 else _NATIONAL.get(chr(byte), 0xC3) for byte in range(256))


def normalised(data: bytes) -> bytes:
    """The Latin-1 bytes that the seal is computed over: without line ends, national letters replaced."""
    return data.translate(_TABLE, b"\r\n")


def mac(key: str, data: bytes) -> str:
    """The seal (32 upper-case hex digits) of the data; `key` is 32 hex digits."""
    return hmac.new(bytes.fromhex(key), normalised(data), hashlib.sha256).digest()[:16].hex().upper()


def key_check(key: str) -> str:
    """The key verification value (KVV): tells which key was used without telling the key."""
    return mac(key, b"00000000")


def sealed(key: str, data: bytes, yymmdd: str) -> bytes:
    """The file with its TK00 and TK99 around it."""
    opening = f"00{yymmdd}HMAC".ljust(80).encode() + b"\r\n"
    closing = f"99{yymmdd}{key_check(key)}{mac(key, opening + data)}".ljust(80).encode() + b"\r\n"
    return opening + data + closing
