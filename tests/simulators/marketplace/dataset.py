"""A dataset site: the page where a booking system tells where its feeds and its Open Booking API are."""

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

from .calls import NoAnswer
from .rpde import LICENSE

_TYPE = "https://openactive.io/"
_REQUIRED = (
    "@id", "url", "name", "description", "keywords", "license", "distribution", "discussionUrl",
    "documentation", "inLanguage", "publisher", "schemaVersion",
)  # fmt: skip
_PUBLISHER = ("name", "logo", "legalName", "url")
_ACCESS = ("name", "endpointUrl", "conformsTo", "endpointDescription", "landingPage")


class _Page(HTMLParser):
    """Takes the JSON-LD out of a page, and the addresses of its links."""

    def __init__(self):
        super().__init__()
        self.scripts, self.links, self._within = [], [], False

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self._within = tag == "script" and told.get("type") == "application/ld+json"
        if self._within:
            self.scripts.append("")
        if "href" in told:
            self.links.append(told["href"] or "")

    def handle_endtag(self, tag):
        self._within = False

    def handle_data(self, data):
        if self._within:
            self.scripts[-1] += data


@dataclass
class Dataset:
    """:ivar endpoint: the Base URI of the Open Booking API, empty when nothing can be booked"""

    name: str
    publisher: str
    facilities: str  # URLs of the feeds
    slots: list
    endpoint: str


def is_absolute(url) -> bool:
    """Whether it is a whole address."""
    split = urlsplit(url) if isinstance(url, str) else None
    return bool(split and split.scheme in ("http", "https") and split.netloc)


def read_dataset(url: str, fetch, report) -> Dataset:
    """Reads a dataset site; ValueError when it cannot be used.

    :param fetch: gives the Reply for a URL, or raises NoAnswer
    :param report: is told each rule that is broken, and an example
    """
    try:
        reply = fetch(url)
    except NoAnswer as error:
        report("site", error)
        raise ValueError(f"{url} does not answer: {error}") from error
    if reply.status != 200:
        report("site", f"{reply.status} {url}")
        raise ValueError(f"{url} answers {reply.status}")
    page = _Page()
    page.feed(reply.body.decode(errors="replace"))
    told = _dataset_of(page.scripts)
    if told is None:
        report("site", "no JSON-LD of type Dataset")
        raise ValueError(f"{url} has no JSON-LD of type Dataset")
    if not any(link.rstrip("/") == LICENSE.rstrip("/") for link in page.links):
        report("site_license", url)
    return _checked(told, report)


def _dataset_of(scripts: list) -> dict | None:
    for script in scripts:
        try:
            told = json.loads(script)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("@type") == "Dataset":
            return told
    return None


def _checked(told: dict, report) -> Dataset:
    for name in _REQUIRED:
        if not told.get(name):
            report("site_fields", name)
    if told.get("license") != LICENSE:
        report("no_license", told.get("license"))
    publisher = told.get("publisher") if isinstance(told.get("publisher"), dict) else {}
    for name in _PUBLISHER:
        if not publisher.get(name):
            report("site_fields", f"publisher.{name}")
    feeds = _feeds(told.get("distribution"), report)
    facilities, slots = feeds.get("FacilityUse", []), feeds.get("Slot", [])
    slots = slots + [url for url in feeds.get("IndividualFacilityUse/Slot", []) if url not in slots]
    if len(facilities) != 1 or not slots:
        report("site_feeds", feeds)
        raise ValueError("the dataset has no feeds of FacilityUse and Slot")
    return Dataset(
        name=str(told.get("name", "")),
        publisher=str(publisher.get("name", "")),
        facilities=facilities[0],
        slots=slots,
        endpoint=_endpoint(told.get("accessService"), report),
    )


def _feeds(distribution, report) -> dict:
    """{type: [URLs]}."""
    feeds = {}
    for part in distribution if isinstance(distribution, list) else []:
        if not isinstance(part, dict) or not is_absolute(part.get("contentUrl")):
            report("site_fields", "distribution.contentUrl")
            continue
        for name in ("name", "additionalType", "encodingFormat"):
            if not part.get(name):
                report("site_fields", f"distribution.{name}")
        urls = feeds.setdefault(str(part.get("additionalType", "")).removeprefix(_TYPE), [])
        if part["contentUrl"] not in urls:
            urls.append(part["contentUrl"])
    return feeds


def _endpoint(access, report) -> str:
    if not isinstance(access, dict):
        return ""
    for name in _ACCESS:
        if not access.get(name):
            report("site_fields", f"accessService.{name}")
    url = access.get("endpointUrl")
    if not is_absolute(url) or url.endswith("/"):
        report("endpoint", url)
    return url.rstrip("/") if is_absolute(url) else ""
