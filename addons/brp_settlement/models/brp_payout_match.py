from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..kinds import COLLECTED

# A document carries a reference if one of its texts, or what its lists have, is that. Of those that only
# have it as a word, as "Season 2026", the amount has to tell which it is.
_WORDS = r"[\s,;|]+"


class Payout(models.Model):
    """Finding the documents that a payout's sales and refunds belong to."""

    _inherit = "brp.payout"

    def action_match(self):
        """Look for the documents of sales and refunds that have none yet."""
        self.check_access("write")
        self._match()

    def _match(self):
        """Match rows with open items of the receivable, or of invoices that nobody has paid.

        A row belongs to an item whose document, or the invoice that it paid, carries the row's reference. Of
        several the one of the same amount is taken, then the nearest in time; a row that could belong to two
        alike is left to a person. Invoices in other currencies are a person's, too.
        """
        for channel, payouts in (
            self.filtered(lambda payout: not payout.move_id).grouped("channel_id").items()
        ):
            if channel.match_sales:
                payouts._match_channel(channel)

    def _match_channel(self, channel):
        self.env.flush_all()
        rows = self.env.execute_query(self._get_rows_to_match(channel))
        carried = defaultdict(list)
        for word, *item in self.env.execute_query(
            self._get_candidates(channel, list({word for *_row, words in rows for word in words}))
        ):
            carried[word].append(item)
        found, left = {}, {}
        for line, amount, day, words in rows:
            whole = defaultdict(bool)
            about = {}
            for word in words:
                for item, residual, item_day, own, is_whole in carried.get(word, ()):
                    left[item] = residual
                    about[item] = own, abs((item_day - day).days) if day else 0
                    whole[item] |= is_whole
            found[line, amount] = [(item, whole[item], *about[item]) for item in about]
        matched = {}
        for (line, amount), candidates in found.items():
            item = self._choose_item(amount, candidates, left)
            if item:
                left[item] = channel.currency_id.round(left[item] - amount)
                matched[line] = item
        if matched:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE brp_payout_line line SET item_id = found.item
                      FROM UNNEST(%s, %s) AS found(line, item) WHERE line.id = found.line
                    """,
                    list(matched),
                    list(matched.values()),
                )
            )
            self._note_lines_changed()

    def _choose_item(self, amount, candidates, left):
        """Return the one item that a row belongs to.

        :param candidates: [(item id, whether the reference is the whole of a text, whether it is the
            channel's, days between them)]
        :param left: {item id: what no row has taken of it}
        """
        ranked = sorted(
            (left[item] != amount, not whole, not own, days, item)
            for item, whole, own, days in candidates
            if left[item] * amount > 0 and abs(left[item]) >= abs(amount) and (whole or left[item] == amount)
        )
        if not ranked:
            return None
        only_a_word = ranked[0][1]
        alike = 3 if only_a_word else 4  # then the nearest in time is no better than another one
        if len(ranked) > 1 and ranked[0][:alike] == ranked[1][:alike]:
            return None
        return ranked[0][4]

    def _get_rows_to_match(self, channel):
        """Return the query of rows that have no item, with what documents could be called by them."""
        return SQL(
            """
            SELECT line.id, line.amount, line.date, ARRAY_AGG(DISTINCT LOWER(TRIM(words.word)))
              FROM brp_payout_line line
              CROSS JOIN LATERAL UNNEST(ARRAY[%(references)s]) AS words(word)
             WHERE line.payout_id = ANY(%(payouts)s)
               AND line.kind = ANY(%(kinds)s)
               AND line.item_id IS NULL
               AND line.account_id = %(receivable)s
               AND TRIM(words.word) <> ''
          GROUP BY line.id
          ORDER BY line.date, line.id
            """,
            references=SQL(", ").join(
                SQL("line.%s", SQL.identifier(name)) for name in self._get_reference_fields()
            ),
            payouts=self.ids,
            kinds=list(COLLECTED),
            receivable=channel.receivable_account_id.id,
        )

    def _get_candidates(self, channel, references):
        """Return the query of the items whose documents carry references.

        The rows themselves are not joined: just stored, the database does not know how many they are, and
        could take each of them with each item.
        """
        return SQL(
            """
            WITH
            items AS (
                SELECT item.id, item.move_id, item.name, item.amount_residual, item.date,
                       item.account_id = %(receivable)s AS own
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                  JOIN account_move move ON move.id = item.move_id
                 WHERE item.company_id = %(company)s
                   AND item.parent_state = 'posted'
                   AND item.reconciled IS NOT TRUE
                   AND item.amount_residual <> 0
                   AND item.currency_id = %(currency)s
                   AND (item.account_id = %(receivable)s
                        OR (account.account_type = 'asset_receivable'
                            AND move.move_type IN ('out_invoice', 'out_refund')))
                   AND NOT EXISTS (SELECT FROM brp_payout_line taken
                                     JOIN brp_payout payout ON payout.id = taken.payout_id
                                    WHERE taken.item_id = item.id AND payout.move_id IS NULL)
            ),
            documents AS (
                SELECT items.id, items.move_id FROM items
                 UNION
                -- The invoices that a payment paid: the payment waits on the receivable, they do not.
                SELECT items.id, paid.move_id
                  FROM items
                  JOIN account_move_line other ON other.move_id = items.move_id AND other.id <> items.id
                  JOIN account_partial_reconcile partial
                    ON other.id IN (partial.credit_move_id, partial.debit_move_id)
                  JOIN account_move_line paid
                    ON paid.id IN (partial.credit_move_id, partial.debit_move_id) AND paid.id <> other.id
                 WHERE items.own
            ),
            texts AS (
                SELECT items.id, items.name AS text FROM items
                 UNION
                SELECT documents.id, text
                  FROM documents
                  JOIN account_move move ON move.id = documents.move_id
             LEFT JOIN account_payment payment ON payment.move_id = move.id
                  CROSS JOIN LATERAL UNNEST(ARRAY[
                        move.name, move.ref, move.payment_reference, move.invoice_origin, payment.memo,
                        payment.payment_reference
                  ]) AS texts(text)
            ),
            words AS (
                SELECT id, LOWER(word) AS word, FALSE AS whole
                  FROM texts, REGEXP_SPLIT_TO_TABLE(text, %(separator)s) AS words(word)
                 UNION
                SELECT id, LOWER(TRIM(word)), TRUE
                  FROM texts, UNNEST(STRING_TO_ARRAY(TRANSLATE(text, ';|', ',,'), ',') || text) AS words(word)
            ),
            matches AS MATERIALIZED (
                SELECT word, id, BOOL_OR(whole) AS whole
                  FROM words WHERE word = ANY(%(references)s)
              GROUP BY 1, 2
            )
            SELECT matches.word, items.id, items.amount_residual, items.date, items.own, matches.whole
              FROM matches JOIN items ON items.id = matches.id
            """,
            references=references,
            receivable=channel.receivable_account_id.id,
            company=channel.company_id.id,
            currency=channel.currency_id.id,
            separator=_WORDS,
        )

    def _get_reference_fields(self):
        """Return the fields of rows that a document may carry."""
        return ["reference", "order_reference", "external_reference"]
