"""What can be wrong with a message, in words. No text quotes a value: it may be a secret or personal data."""

#: What we were about to send: {problem: (English, Swedish)}
REQUEST = {
    "unknown": ("There is no such element.", "Det finns inget sådant element."),
    "missing": ("It is missing.", "Uppgiften saknas."),
    "type": ("It is not of the kind that belongs there.", "Uppgiften är inte av det slag som hör dit."),
    "long": (
        "The text is too long: at most {longest} characters.",
        "Texten är för lång: högst {longest} tecken.",
    ),
    "character": (
        "The text holds a character that cannot be sent.",
        "Texten innehåller ett tecken som inte går att skicka.",
    ),
    "enum": ("It is none of the values that there are.", "Uppgiften är inget av de värden som finns."),
    "range": ("It is out of its range.", "Uppgiften är utanför tillåtna värden."),
    "moment": (
        "There is no such time in Oslo: the clocks are put forward then.",
        "Tidpunkten finns inte i Oslo: klockan ställs fram då.",
    ),
    "search": ("Nothing is told to search for.", "Det finns inget att söka efter."),
}
#: What was answered, likewise
ANSWER = {
    "xml": ("The answer is not XML as it should be.", "Svaret är inte XML som det ska vara."),
    "operation": ("It is the answer to another call.", "Det är svaret på ett annat anrop."),
    "missing": ("It is missing.", "Uppgiften saknas."),
    "shape": (
        "The answer is not what the service's description says.",
        "Svaret är inte det som tjänstens beskrivning säger.",
    ),
    "value": ("The value cannot be read.", "Värdet går inte att läsa."),
    "count": (
        "{expected} were sent and {got} came back.",
        "{expected} skickades och {got} kom tillbaka.",
    ),
    "other": ("It is another one than asked for.", "Det är en annan än den efterfrågade."),
    "not_pdf": ("The document is not a PDF.", "Dokumentet är inte en PDF."),
    "session": ("The session id cannot be used.", "Sessionens id går inte att använda."),
}


class MessageError(ValueError):
    """A message that cannot be sent or relied on.

    ``problem`` is a stable code. ``where`` is the element with its path (counted from 0), as
    ``invoices[0].InvoiceRows[2].Name``. ``details`` are what the text is filled with.

    ``kind``, ``reached`` and ``code`` are as those of the connector's ``ServiceError``.
    """

    texts: dict[str, tuple[str, str]]
    kind: str
    reached: str
    code: str
    retry_after = None

    def __init__(self, problem: str, where: str = "", **details):
        self.problem = problem
        self.where = where
        self.details = details
        super().__init__(problem, where)

    def text(self, lang: str = "en") -> str:
        """Return the error in words, in English (``en``) or Swedish (``sv``)."""
        text = self.texts[self.problem][lang.startswith("sv")].format(**self.details)
        return f"{self.where}: {text}" if self.where else text

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self):
        return _remake, (type(self), self.problem, self.where, self.details)


class RequestError(MessageError):
    """What was to be sent is not what the operation takes; it was not sent. ``REQUEST`` has the problems."""

    texts = REQUEST
    kind, reached, code = "ours", "no", "request"


class AnswerError(MessageError):
    """An answer that cannot be relied on. The service took the call. ``ANSWER`` has the problems."""

    texts = ANSWER
    kind, reached, code = "again", "yes", "garbage"


def _remake(cls, problem, where, details):
    return cls(problem, where, **details)
