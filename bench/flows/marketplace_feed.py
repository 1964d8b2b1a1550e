"""A feed of fifty thousand times read from its start to its end, beside Odoo's reading of the times."""

import json

from odoo.addons.brp_openactive.openactive import feed_page, next_page_url

from .. import marketplace

PAGE = 500
FIELDS = ["resource_id", "product_id", "start", "stop", "price", "places", "state"]


class Flow:
    """Ours: the feed's pages as they are sent. Core: the times' own fields in pages as large, as JSON."""

    title = "Read the feed of times"
    sizes = (5000, 50000)

    def setup(self, env):
        marketplace.set_up(env, places=1, slots=max(self.sizes))
        items = env["brp.feed.item"]
        items._note_what_time_brings()
        while items._catch_up(PAGE):
            env.invalidate_all()
        env.cr.execute("ANALYZE")

    def prepare(self, env, n):
        return n

    def ours(self, env, data):
        company = env.company
        url = company._get_openactive_ids().slots_feed
        count, after = 0, None
        while count < data:
            rows = env["brp.feed.item"]._read_page(company, "slot", after)
            if not rows:
                break
            feed_page(rows, next_page_url(url, rows, after)).encode()
            count, after = count + len(rows), rows[-1][0]
        return count

    def core(self, env, data):
        count, last = 0, 0
        while count < data:
            rows = env["brp.slot"].search_read([("id", ">", last)], FIELDS, limit=PAGE, order="id")
            if not rows:
                break
            json.dumps(rows, default=str).encode()
            count, last = count + len(rows), rows[-1]["id"]
        return count

    def check(self, env, data):
        told = env["brp.feed.item"].search_count([("feed", "=", "slot"), ("data", "!=", False)])
        if told < data:
            raise AssertionError(f"the feed has {told} times, {data} were to be read")
        return {}
