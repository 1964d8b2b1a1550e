"""A feed, read page by page, as Realtime Paged Data Exchange 1.0 has it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit

from .calls import NoAnswer, Reply

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
OPEN_TYPES = {("application/json", ()), ("application/vnd.openactive.rpde+json", ("version=1",))}
ORDERS_TYPES = {("application/vnd.openactive.booking+json", ("version=1",))}
_EXACT = 2**53  # from here on JavaScript leaves numbers out
_STALE = 60  # seconds that the last page may be kept


@dataclass
class Item:
    kind: str
    id: str | int
    modified: int
    data: dict | None  # None: deleted

    @property
    def name(self) -> str:
        return f"{self.kind} {self.id}"


class Feed:
    """What is known of a feed, and how far it is read.

    :ivar items: {(kind, id): Item} of what is there
    :ivar tombstones: {(kind, id): change number} of what is deleted
    :ivar at_end: whether its last page has been seen
    :ivar gone: it has answered 404 or 410, and is not asked any more
    """

    def __init__(self, url: str, kinds: tuple, report, check=None, orders: bool = False):
        """
        :param report: is told each rule that is broken, and an example
        :param check: is told each item that has data
        :param orders: the Orders feed, which is private
        """
        self.url, self.kinds, self.orders = url, kinds, orders
        self._report, self._check = report, check
        self.begin()

    def begin(self) -> None:
        """Forgets what was read."""
        self.next = self.url
        self.items, self.tombstones = {}, {}
        self.last = 0
        self.at_end = self.gone = False
        self.pages = 0

    def look(self) -> dict:
        return {
            "url": self.url, "next": self.next, "items": len(self.items), "deleted": len(self.tombstones),
            "pages": self.pages, "at_end": self.at_end, "gone": self.gone,
        }  # fmt: skip

    def read(self, fetch) -> list:
        """Reads on to the last page; returns the items that came, in their order.

        :param fetch: gives the Reply for a URL, or raises NoAnswer
        """
        came, read = [], set()
        self.at_end = False
        while not self.gone:
            page = self._page(fetch)
            if page is None:
                break
            self.pages += 1
            items = self._items(page)
            for item in items:
                key = (item.kind, item.id)
                if item.data is None:
                    self.items.pop(key, None)
                    self.tombstones[key] = item.modified
                else:
                    self.tombstones.pop(key, None)
                    self.items[key] = item
            came += items
            read.add(self.next)
            following = self._following(page)
            if following == self.next:
                self.at_end = not page["items"]
                if page["items"]:
                    self._report("next_own", self.next)
                break
            if following in read:
                self._report("next_again", following)
            if not following or following in read:
                break
            self.next = following
        return came

    def read_anew(self, fetch) -> list:
        """Reads it from its beginning, and sees that nothing has vanished; returns the items that came."""
        before = dict(self.items)
        self.begin()
        came = self.read(fetch)
        if self.at_end:
            for key, item in before.items():
                if key not in self.items and key not in self.tombstones:
                    self._report("vanished", item.name)
                    came.append(Item(item.kind, item.id, item.modified, None))
        return came

    # -- a page -------------------------------------------------------------------------------------------

    def _page(self, fetch) -> dict | None:
        try:
            reply = fetch(self.next)
        except NoAnswer as error:
            self._report("no_answer", error)
            return None
        if not self._answered(reply):
            return None
        try:
            page = reply.json()
        except ValueError:
            self._report("no_json", reply.body[:100])
            return None
        if not isinstance(page, dict) or not isinstance(page.get("items"), list):
            self._report("not_a_page", reply.body[:100])
            return None
        self._check_head(reply, page)
        return page

    def _answered(self, reply: Reply) -> bool:
        status = reply.status
        if status in (404, 410):
            self._report("gone", f"{status} {self.next}")
            self.gone = True
            self.items.clear()
        elif status in (401, 403) and not self.orders:
            self._report("needs_credentials", status)
        elif 300 <= status < 400:
            self._report("redirected", reply.header("Location"))
        elif status != 200:
            self._report("status", f"{status} {self.next}")
        return status == 200

    def _check_head(self, reply: Reply, page: dict) -> None:
        kind, parameters = reply.media_type
        if (kind, tuple(parameters)) not in (ORDERS_TYPES if self.orders else OPEN_TYPES):
            self._report("content_type", reply.header("Content-Type"))
        if "Set-Cookie" in reply.headers:
            self._report("cookie", reply.header("Set-Cookie"))
        self._check_caching(reply.header("Cache-Control").lower(), page)
        if self.orders:
            if "license" in page:
                self._report("license_on_orders", page["license"])
        elif page.get("license") != LICENSE:
            self._report("no_license", page.get("license"))
        for name in page:
            if name.startswith("@"):
                self._report("json_ld_outside_data", name)

    def _check_caching(self, told: str, page: dict) -> None:
        parts = {
            name: value for name, _is, value in (part.strip().partition("=") for part in told.split(","))
        }
        if self.orders:
            if "public" in parts:
                self._report("public_orders", told)
        elif "public" not in parts or not parts.get("max-age", "").isdecimal():
            self._report("not_public", told)
        elif not page["items"] and int(parts["max-age"]) > _STALE:
            self._report("stale_last_page", told)

    def _following(self, page: dict) -> str:
        """The address of the next page; empty when there is none to go to."""
        told = page.get("next")
        if not isinstance(told, str) or not told:
            self._report("not_a_page", f"next: {told!r}")
            return ""
        split, own = urlsplit(told), urlsplit(self.url)
        if not split.scheme or not split.netloc:
            self._report("next_relative", told)
            told = urljoin(self.next, told)
            split = urlsplit(told)
        if (split.scheme, split.netloc, split.path) != (own.scheme, own.netloc, own.path):
            self._report("next_elsewhere", told)
            return ""
        items = page["items"]
        if items and isinstance(items[-1], dict):
            self._check_next(parse_qs(split.query), items[-1], told)
        return told

    def _check_next(self, query: dict, last: dict, told: str) -> None:
        modified, number = str(last.get("modified")), str(last.get("id"))
        if "afterChangeNumber" in query:
            right = query["afterChangeNumber"] == [modified]
        elif "afterTimestamp" in query and "afterId" in query:
            right = (query["afterTimestamp"], query["afterId"]) == ([modified], [number])
        else:
            self._report("next_strategy", told)
            return
        if not right:
            self._report("next_not_of_last_item", f"{told}, {modified}")

    # -- items --------------------------------------------------------------------------------------------

    def _items(self, page: dict) -> list:
        found, on_page = [], set()
        by_time = "afterTimestamp" in str(page.get("next"))
        for told in page["items"]:
            item = self._item(told)
            if not item:
                continue
            key = (item.kind, item.id)
            if key in on_page:
                self._report("twice_on_page", item.name)
            on_page.add(key)
            if item.modified < self.last or (item.modified == self.last and not by_time):
                self._report("not_growing", f"{item.name}: {item.modified} after {self.last}")
            self.last = item.modified
            if item.data is not None and self._check:
                self._check(item)
            found.append(item)
        return found

    def _item(self, told) -> Item | None:
        """An item that can be used, whatever is wrong with it besides."""
        if not isinstance(told, dict):
            self._report("item", told)
            return None
        name = f"{told.get('kind')} {told.get('id')}"
        for field in told:
            if field.startswith("@"):
                self._report("json_ld_outside_data", f"{name}: {field}")
            elif field not in ("state", "kind", "id", "modified", "data"):
                self._report("item_fields", f"{name}: {field}")
        state, kind, number = told.get("state"), told.get("kind"), told.get("id")
        usable = True
        if kind not in self.kinds:
            self._report("kind", name)
            usable = False
        if isinstance(number, bool) or not isinstance(number, str | int) or number == "":
            self._report("id", name)
            usable = False
        if state not in ("updated", "deleted"):
            self._report("state", f"{name}: {state}")
            usable = False
        data = told.get("data")
        if state == "deleted" and "data" in told:
            self._report("data_on_deleted", name)
        if state == "updated" and not isinstance(data, dict):
            self._report("data_missing", name)
            usable = False
        modified = self._modified(told.get("modified"), name)
        if not usable or modified is None:
            return None
        return Item(kind, number, modified, data if state == "updated" else None)

    def _modified(self, told, name: str) -> int | None:
        if isinstance(told, int) and not isinstance(told, bool) and told >= 1:
            if told >= _EXACT:
                self._report("modified_large", f"{name}: {told}")
            return told
        self._report("modified", f"{name}: {told!r}")
        return int(told) if isinstance(told, str) and told.isdecimal() else None
