"""The queries that turn journal items into voucher rows.

They work on whole days at once: what a day costs does not grow with a query per item. All amounts are in the
company's currency, debit positive, exact to the öre.
"""

from odoo.tools import SQL

# What an item is mapped by; see AccountingMapping for the words. VAT that is due on payment is on its
# transition account until then, and the entry that makes it due sells nothing.
_KEY = SQL(
    """
    CASE
        WHEN item.display_type = 'rounding' THEN 'event:rounding'
        WHEN tax.amount_type IN ('percent', 'division')
             AND (tax.tax_exigibility <> 'on_payment'
                  OR item.account_id <> tax.cash_basis_transition_account_id)
            THEN 'vat:' || tax.type_tax_use || ':' || trim_scale(tax.amount)::text
        WHEN template.accounting_event IS NOT NULL AND item.display_type = 'product'
            THEN 'event:' || template.accounting_event
        WHEN account.account_type IN ('income', 'income_other')
             AND move.tax_cash_basis_origin_move_id IS NULL
             AND (template.id IS NOT NULL OR journal.type = 'sale' OR rates.rate IS NOT NULL)
            THEN 'group:' || COALESCE(template.categ_id, 0) || ':' || COALESCE(rates.rate, '0')
        ELSE 'account:' || item.account_id
    END
    """
)

# What an exported item is compared by. Not the key: a product that moves to another group changes nothing in
# the books.
_ORIGIN = SQL(
    """
    CONCAT_WS('|', item.account_id, item.product_id, item.tax_line_id, item.display_type, rates.taxes,
              item.analytic_distribution)
    """
)

# The VAT rate of an income item: the sum of its taxes in percent, groups of taxes taken apart.
_RATES = SQL(
    """
    LEFT JOIN LATERAL (
        SELECT trim_scale(SUM(COALESCE(child.amount, parent.amount)))::text AS rate,
               STRING_AGG(DISTINCT parent.id::text, ',') AS taxes
          FROM account_move_line_account_tax_rel taxes
          JOIN account_tax parent ON parent.id = taxes.account_tax_id
     LEFT JOIN account_tax_filiation_rel family ON family.parent_tax = parent.id
     LEFT JOIN account_tax child ON child.id = family.child_tax
         WHERE taxes.account_move_line_id = item.id
           AND COALESCE(child.amount_type, parent.amount_type) = 'percent'
    ) rates ON TRUE
    """
)

_JOINS = SQL(
    """
    JOIN account_move move ON move.id = item.move_id
    JOIN account_journal journal ON journal.id = item.journal_id
    JOIN account_account account ON account.id = item.account_id
    LEFT JOIN account_tax tax ON tax.id = item.tax_line_id
    LEFT JOIN product_product product ON product.id = item.product_id
    LEFT JOIN product_template template ON template.id = product.product_tmpl_id
    """
)


def gather(connection, until, checked, since, anew=None):
    """Make the temporary table ``brp_rows``: what is to go into vouchers of a connection.

    Its rows are shares of journal items that no voucher has (``undoes`` is null), and the opposite of shares
    that a voucher has but Odoo no longer (``undoes`` is the exported item).

    :param connection: brp.connection
    :param until: last date that is taken
    :param checked: the last date of the time before, and
    :param since: when it was (UTC): what is older and unchanged since has been looked at
    :param anew: vouchers that are looked at whenever their items were changed
    """
    cr = connection.env.cr
    anew = anew.ids if anew else []
    _make_table(cr, "brp_exported", _get_exported(connection, until, since, anew))
    _make_table(cr, "brp_wanted", _get_wanted(connection, until, checked, since))
    _make_table(cr, "brp_same", _get_same(anew))
    _make_table(cr, "brp_rows", _DIFFERENCE)
    cr.execute(
        """
        ALTER TABLE brp_rows
            ADD id serial, ADD correction boolean NOT NULL DEFAULT FALSE, ADD of_journal integer,
            ADD of_move integer, ADD voucher_id integer, ADD line_id integer
        """
    )
    cr.execute("ANALYZE brp_rows")


def _make_table(cr, name, query):
    """Make a temporary table; PostgreSQL learns how many rows it has, and plans what follows by it."""
    table = SQL.identifier(name)
    cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
    cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, query))
    cr.execute(SQL("ANALYZE %s", table))


def _get_exported(connection, until, since, anew):
    """Return the query of what vouchers hold of items that may have been changed."""
    return SQL(
        """
        WITH touched AS (
            SELECT id FROM brp_accounting_item
             WHERE stands AND (move_line_id IS NULL OR move_id IS NULL)
             UNION
            SELECT exported.id FROM account_move move
              JOIN brp_accounting_item exported ON exported.move_id = move.id
             WHERE move.write_date >= %(since)s AND exported.stands
             UNION
            SELECT exported.id FROM account_move_line item
              JOIN brp_accounting_item exported ON exported.move_line_id = item.id
             WHERE item.write_date >= %(since)s AND exported.stands
             UNION
            SELECT exported.id FROM brp_accounting_voucher_line line
              JOIN brp_accounting_item exported ON exported.line_id = line.id
             WHERE line.voucher_id = ANY(%(anew)s) AND exported.stands
        )
        SELECT exported.id, exported.move_line_id, exported.move_id, exported.part, exported.amount,
               exported.origin, exported.journal_id,
               line.mapping_id, line.code, line.text, line.cost_centre, line.project,
               voucher.id AS voucher_id, voucher.date, voucher.kind
          FROM touched
          JOIN brp_accounting_item exported ON exported.id = touched.id
          JOIN brp_accounting_voucher_line line ON line.id = exported.line_id
          JOIN brp_accounting_voucher voucher ON voucher.id = line.voucher_id
         WHERE voucher.connection_id = %(connection)s
           -- What was exported by hand of later days is looked at when they are closed.
           AND voucher.date <= %(until)s
        """,
        connection=connection.id,
        until=until,
        since=since,
        anew=anew,
    )


def _get_wanted(connection, until, checked, since):
    """Return the query of what vouchers should hold: of the items of ``brp_exported``, and of new ones."""
    return SQL(
        """
        WITH
        -- A document that has been exported keeps its kind, whatever its journal has become since.
        standing AS (
            SELECT move_id, date, journal_id, MAX(kind) AS kind FROM brp_exported
             GROUP BY move_id, date, journal_id
        ),
        present AS (
            SELECT item.id AS move_line_id, item.move_id, item.date, item.balance, item.analytic_distribution,
                   COALESCE(standing.kind, journal.type) AS kind, item.journal_id,
                   %(key)s AS key, %(origin)s AS origin
              FROM account_move_line item %(joins)s %(rates)s
         LEFT JOIN standing ON standing.move_id = item.move_id AND standing.date = item.date
                           AND standing.journal_id = item.journal_id
         LEFT JOIN (SELECT DISTINCT move_line_id FROM brp_exported) exported
                ON exported.move_line_id = item.id
             WHERE item.company_id = %(company)s
               AND item.parent_state = 'posted'
               AND item.date <= %(until)s
               AND item.balance <> 0
               AND (item.date > %(checked)s
                    OR item.write_date >= %(since)s OR move.write_date >= %(since)s
                    OR exported.move_line_id IS NOT NULL)
               -- A document of a day and journal that were exported goes on being so, with all of its items,
               -- when export begins later or of fewer journals now.
               AND ((item.date >= %(start)s AND item.journal_id = ANY(%(journals)s)) OR %(taken)s)
               AND (exported.move_line_id IS NOT NULL
                    OR NOT EXISTS (SELECT FROM brp_accounting_item held
                                    WHERE held.move_line_id = item.id AND held.stands))
               -- What has left a later day that was exported by hand waits until that day is closed.
               AND NOT EXISTS (SELECT FROM brp_accounting_item later
                                 JOIN brp_accounting_voucher_line line ON line.id = later.line_id
                                 JOIN brp_accounting_voucher voucher ON voucher.id = line.voucher_id
                                WHERE later.move_id = item.move_id AND later.stands
                                  AND voucher.date > %(until)s
                                  AND voucher.connection_id = %(connection)s)
        ),
        shares AS (
            %(shares)s
        )
        SELECT shares.*, mapping.id AS mapping_id, mapping.code, mapping.name AS text
          FROM shares
     LEFT JOIN brp_accounting_mapping mapping
            ON mapping.connection_id = %(connection)s AND mapping.key = shares.key AND mapping.code <> ''
        """,
        connection=connection.id,
        company=connection.company_id.id,
        journals=connection._get_accounting_journals().ids,
        start=connection.accounting_start_date,
        until=until,
        since=since,
        checked=checked,
        key=_KEY,
        origin=_ORIGIN,
        joins=_JOINS,
        rates=_RATES,
        shares=_get_shares(connection),
        taken=_was_taken(connection, SQL("item.move_id"), SQL("item.journal_id"), SQL("item.date")),
    )


def _was_taken(connection, move, journal, date):
    """Return what is true of a document that the connection has exported of that journal and day."""
    return SQL(
        """
        EXISTS (SELECT FROM brp_accounting_item taken
                  JOIN brp_accounting_voucher_line line ON line.id = taken.line_id
                  JOIN brp_accounting_voucher voucher ON voucher.id = line.voucher_id
                 WHERE taken.move_id = %s AND taken.journal_id = %s AND voucher.date = %s
                   AND voucher.connection_id = %s)
        """,
        move,
        journal,
        date,
        connection.id,
    )


def _get_same(anew):
    """Return the query of the items that vouchers hold as they should."""
    return SQL(
        """
        SELECT move_line_id
          FROM (SELECT move_line_id, origin, date, journal_id, SUM(amount) AS amount,
                       MAX(voucher_id) AS voucher_id, %(parts)s AS parts
                  FROM brp_exported GROUP BY move_line_id, origin, date, journal_id) exported
          JOIN (SELECT move_line_id, origin, date, journal_id, SUM(amount) AS amount, %(parts)s AS parts
                  FROM brp_wanted GROUP BY move_line_id, origin, date, journal_id) wanted
         USING (move_line_id, origin, date, journal_id, amount)
         WHERE exported.parts = wanted.parts OR exported.voucher_id <> ALL(%(anew)s)
        """,
        parts=SQL("ARRAY_AGG(CONCAT_WS('|', part, amount, code, cost_centre, project) ORDER BY part)"),
        anew=anew,
    )


_DIFFERENCE = SQL(
    """
        SELECT wanted.move_line_id, wanted.move_id, wanted.part, wanted.amount, wanted.date, wanted.kind,
               wanted.journal_id, wanted.key, wanted.origin, wanted.mapping_id, wanted.code, wanted.text,
               wanted.cost_centre, wanted.project, NULL::integer AS undoes, NULL::integer AS voucher_of
          FROM brp_wanted wanted
         WHERE NOT EXISTS (SELECT FROM brp_same same WHERE same.move_line_id = wanted.move_line_id)
     UNION ALL
        SELECT exported.move_line_id, exported.move_id, exported.part, -exported.amount, exported.date,
               exported.kind, exported.journal_id, NULL, NULL, exported.mapping_id, exported.code,
               exported.text, exported.cost_centre, exported.project, exported.id, exported.voucher_id
          FROM brp_exported exported
         WHERE NOT EXISTS (SELECT FROM brp_same same WHERE same.move_line_id = exported.move_line_id)
    """
)


def _get_shares(connection):
    """Return the query that takes items apart by the cost centres and projects they are shared between."""
    if not connection.accounting_dimension_ids:
        return SQL(
            """
            SELECT move_line_id, move_id, date, kind, journal_id, key, origin, 0 AS part, balance AS amount,
                   NULL::varchar AS cost_centre, NULL::varchar AS project
              FROM present
            """
        )
    # Amounts are the differences of rounded running totals, so that they always add up to the item.
    return SQL(
        """
        SELECT move_line_id, move_id, date, kind, journal_id, key, origin, part,
               ROUND(balance * upto / 100, 2) - ROUND(balance * (upto - percent) / 100, 2) AS amount,
               cost_centre, project
          FROM (
            SELECT present.*, share.part, share.percent, share.cost_centre, share.project,
                   SUM(share.percent) OVER (PARTITION BY present.move_line_id ORDER BY share.part) AS upto
              FROM present
              CROSS JOIN LATERAL (
                SELECT ROW_NUMBER() OVER (ORDER BY cost_centre, project, percent) AS part, percent,
                       cost_centre, project
                  FROM (
                    SELECT MAX(split.value::numeric) AS percent,
                           MAX(dimension.code) FILTER (WHERE dimension.kind = 'cost_centre') AS cost_centre,
                           MAX(dimension.code) FILTER (WHERE dimension.kind = 'project') AS project
                      FROM jsonb_each_text(present.analytic_distribution) split
                      JOIN brp_accounting_dimension dimension
                        ON dimension.connection_id = %(connection)s
                       AND dimension.analytic_account_id::text
                           = ANY(string_to_array(split.key, ','))
                     GROUP BY split.key
                  ) of_account
             UNION ALL
                SELECT 0, 100 - COALESCE(SUM(split.value::numeric), 0), NULL, NULL
                  FROM jsonb_each_text(present.analytic_distribution) split
                 WHERE EXISTS (SELECT FROM brp_accounting_dimension dimension
                                WHERE dimension.connection_id = %(connection)s
                                  AND dimension.analytic_account_id::text
                                      = ANY(string_to_array(split.key, ',')))
              ) share
          ) shared
         WHERE percent <> 0
        """,
        connection=connection.id,
    )


def find_missing(cr):
    """Return [(date, key, number of items, sum)] of what has no account in the other system."""
    cr.execute(
        """
        SELECT date, key, COUNT(*), SUM(amount) FROM brp_rows
         WHERE undoes IS NULL AND mapping_id IS NULL GROUP BY date, key ORDER BY date, key
        """
    )
    return cr.fetchall()


def find_unbalanced(cr):
    """Return [(date, document, difference)] of documents whose rows do not add up to zero.

    Those that were deleted are one: what vouchers hold of them adds up to zero together.
    """
    cr.execute(
        """
        SELECT rows.date, COALESCE(MAX(move.name), '?'), SUM(rows.amount)
          FROM brp_rows rows LEFT JOIN account_move move ON move.id = rows.move_id
         GROUP BY rows.date, rows.kind, rows.move_id
        HAVING SUM(rows.amount) <> 0 ORDER BY rows.date
        """
    )
    return cr.fetchall()


def drop_days(cr, days):
    """Leave days out, and all of the documents that were moved from or to them."""
    cr.execute(
        SQL(
            """
            DELETE FROM brp_rows
             WHERE date = ANY(%(days)s)
                OR move_id IN (SELECT move_id FROM brp_rows WHERE date = ANY(%(days)s))
            """,
            days=list(days),
        )
    )


def find_vouchers(cr, per, apart=()):
    """Return the vouchers to make, in order: [{date, kind, of_journal, of_move, correction, corrected}].

    What was changed of a document and what it is now stand in the same voucher: together they make zero.

    :param per: "kind" of journal, "journal" or "document"
    :param apart: ids of the journals whose entries have a voucher each all the same
    """
    cr.execute("UPDATE brp_rows SET correction = TRUE WHERE undoes IS NOT NULL")
    cr.execute(
        """
        UPDATE brp_rows rows SET correction = TRUE
          FROM (SELECT DISTINCT move_id, date, kind FROM brp_rows WHERE undoes IS NOT NULL) undone
         WHERE rows.move_id = undone.move_id AND rows.date = undone.date AND rows.kind = undone.kind
           AND NOT rows.correction
        """
    )
    if per == "journal":
        cr.execute("UPDATE brp_rows SET of_journal = journal_id")
    elif per == "document":
        cr.execute("UPDATE brp_rows SET of_journal = journal_id, of_move = move_id")
    _set_entries_apart(cr, None if per == "document" else list(apart))
    cr.execute(
        """
        SELECT date, kind, of_journal, of_move, correction,
               ARRAY_AGG(DISTINCT voucher_of) FILTER (WHERE voucher_of IS NOT NULL) AS corrected
          FROM brp_rows
         GROUP BY date, kind, of_journal, of_move, correction
         ORDER BY date, correction, kind DESC, of_journal, of_move
        """
    )
    columns = [column.name for column in cr.description]
    return [dict(zip(columns, found, strict=True)) for found in cr.fetchall()]


def _set_entries_apart(cr, journals):
    """Give each miscellaneous entry a voucher of its own, with rows that say what its items say.

    :param journals: ids of those whose entries get one, None for all

    What undoes a row keeps the text that the row had. Entries that Odoo makes of each payment when VAT is due
    on payment are nobody's: they stay together.
    """
    cr.execute(
        r"""
        UPDATE brp_rows rows
           SET of_journal = rows.journal_id, of_move = rows.move_id,
               text = CASE WHEN rows.undoes IS NULL
                           THEN COALESCE(NULLIF(BTRIM(REGEXP_REPLACE(item.name, '\s+', ' ', 'g')), ''),
                                         rows.text)
                           ELSE rows.text END
          FROM brp_rows own
          JOIN account_move move ON move.id = own.move_id
     LEFT JOIN account_move_line item ON item.id = own.move_line_id
         WHERE own.id = rows.id AND own.kind = 'general' AND move.move_type = 'entry'
           AND move.tax_cash_basis_rec_id IS NULL AND move.tax_cash_basis_origin_move_id IS NULL
           AND (%(journals)s::int[] IS NULL OR rows.journal_id = ANY(%(journals)s))
        """,
        {"journals": journals},
    )


def describe_documents(cr, moves):
    """Return {id: what a voucher of the document alone is called}: its number, or what an entry is about.

    That is its reference, or else what all of its items say.

    :param moves: ids
    """
    cr.execute(
        r"""
        SELECT move.id,
               COALESCE(CASE WHEN journal.type = 'general' AND move.move_type = 'entry'
                             THEN COALESCE(NULLIF(BTRIM(REGEXP_REPLACE(move.ref, '\s+', ' ', 'g')), ''),
                                           items.text) END,
                        move.name)
          FROM account_move move
          JOIN account_journal journal ON journal.id = move.journal_id
     LEFT JOIN LATERAL (
            SELECT NULLIF(BTRIM(REGEXP_REPLACE(MIN(item.name), '\s+', ' ', 'g')), '') AS text
              FROM account_move_line item
             WHERE journal.type = 'general' AND move.move_type = 'entry'
               AND item.move_id = move.id AND item.balance <> 0
            HAVING MIN(item.name) = MAX(item.name) AND COUNT(item.name) = COUNT(*)
        ) items ON TRUE
         WHERE move.id = ANY(%s)
        """,
        [list(moves)],
    )
    return dict(cr.fetchall())


def fill_vouchers(cr, vouchers):
    """Give the vouchers their rows and the rows their items.

    :param vouchers: [(voucher id, what ``find_vouchers`` returned of it)]
    """
    cr.execute_values(
        """
        UPDATE brp_rows rows SET voucher_id = made.id
          FROM (VALUES %s) made (id, date, kind, of_journal, of_move, correction)
         WHERE made.date = rows.date
           AND made.kind = rows.kind
           AND made.correction = rows.correction
           -- Equal, not "not distinct": PostgreSQL hashes no other comparison.
           AND COALESCE(made.of_journal, 0) = COALESCE(rows.of_journal, 0)
           AND COALESCE(made.of_move, 0) = COALESCE(rows.of_move, 0)
        """,
        [
            (ident, found["date"], found["kind"], found["of_journal"], found["of_move"], found["correction"])
            for ident, found in vouchers
        ],
        template="(%s, %s::date, %s, %s::integer, %s::integer, %s)",
        page_size=len(vouchers),
    )
    cr.execute(
        """
        WITH made AS (
            INSERT INTO brp_accounting_voucher_line
                   (voucher_id, mapping_id, code, text, cost_centre, project, amount)
            SELECT voucher_id, mapping_id, code, text, cost_centre, project, SUM(amount)
              FROM brp_rows
             GROUP BY voucher_id, mapping_id, code, text, cost_centre, project
         RETURNING id, voucher_id, mapping_id, code, text, cost_centre, project
        )
        UPDATE brp_rows rows SET line_id = made.id
          FROM made
         WHERE made.voucher_id = rows.voucher_id
           AND made.mapping_id IS NOT DISTINCT FROM rows.mapping_id
           AND made.code = rows.code
           AND made.text = rows.text
           AND made.cost_centre IS NOT DISTINCT FROM rows.cost_centre
           AND made.project IS NOT DISTINCT FROM rows.project
        """
    )
    cr.execute(
        """
        UPDATE brp_accounting_item SET stands = FALSE
         WHERE id IN (SELECT undoes FROM brp_rows WHERE undoes IS NOT NULL)
        """
    )
    cr.execute(
        """
        INSERT INTO brp_accounting_item
               (line_id, move_line_id, move_id, journal_id, part, amount, origin, stands, undoes_id)
        SELECT line_id, move_line_id, move_id, journal_id, part, amount, origin, undoes IS NULL, undoes
          FROM brp_rows
        """
    )


def withdraw(cr, vouchers):
    """Take back vouchers that the other system does not have.

    What they corrected stands again. What corrected them takes away what is not there, and has to be undone.

    :param vouchers: their ids
    """
    for query in (
        """
        UPDATE brp_accounting_item item SET stands = FALSE
          FROM brp_accounting_voucher_line line
         WHERE line.id = item.line_id AND line.voucher_id = ANY(%(vouchers)s)
        """,
        # Without its journal item it is no longer compared, but corrected; so is what has another successor.
        """
        UPDATE brp_accounting_item correcting SET stands = TRUE, move_line_id = NULL, undoes_id = NULL
          FROM brp_accounting_voucher_line own, brp_accounting_item corrected,
               brp_accounting_voucher_line gone
         WHERE own.id = correcting.line_id AND own.voucher_id <> ALL(%(vouchers)s)
           AND corrected.id = correcting.undoes_id
           AND gone.id = corrected.line_id AND gone.voucher_id = ANY(%(vouchers)s)
        """,
        # The same of two that stand again of one journal item: the newer one is compared.
        """
        WITH again AS (
            SELECT corrected.id, corrected.move_line_id, own.voucher_id,
                   MAX(own.voucher_id) OVER (PARTITION BY corrected.move_line_id) AS newest
              FROM brp_accounting_item correcting
              JOIN brp_accounting_voucher_line gone ON gone.id = correcting.line_id
              JOIN brp_accounting_item corrected ON corrected.id = correcting.undoes_id
              JOIN brp_accounting_voucher_line own ON own.id = corrected.line_id
             WHERE gone.voucher_id = ANY(%(vouchers)s) AND own.voucher_id <> ALL(%(vouchers)s)
        )
        UPDATE brp_accounting_item corrected
           SET stands = TRUE,
               move_line_id = CASE WHEN again.voucher_id = again.newest
                                    AND NOT EXISTS (SELECT FROM brp_accounting_item successor
                                                     WHERE successor.move_line_id = again.move_line_id
                                                       AND successor.stands)
                                   THEN again.move_line_id END
          FROM again
         WHERE corrected.id = again.id
        """,
        """
        UPDATE brp_accounting_item correcting SET undoes_id = NULL
          FROM brp_accounting_voucher_line gone
         WHERE gone.id = correcting.line_id AND gone.voucher_id = ANY(%(vouchers)s)
        """,
    ):
        cr.execute(query, {"vouchers": list(vouchers)})


def find_left_out(connection, before, since=None, late=False):
    """Return the query of posted documents that are not exported because they are dated before the start.

    They are of the journals that are exported, and no voucher holds them. Its columns are ``id``, ``date``,
    ``amount`` (kronor, never negative) and ``late``: posted while the export was active already.

    :param before: the date that export begins with
    :param since: the first date that is looked at
    :param late: only those that are late
    """
    return SQL(
        """
        SELECT move.id, move.date, ABS(move.amount_total_signed) AS amount,
               COALESCE(move.accounting_left_out, FALSE) AS late
          FROM account_move move
         WHERE move.company_id = %(company)s AND move.state = 'posted'
           AND move.journal_id = ANY(%(journals)s)
           AND move.date < %(before)s AND %(since)s AND %(late)s
           AND EXISTS (SELECT FROM account_move_line item
                        WHERE item.move_id = move.id AND item.balance <> 0
                          AND NOT EXISTS (SELECT FROM brp_accounting_item held
                                           WHERE held.move_line_id = item.id AND held.stands))
           AND NOT %(taken)s
        """,
        company=connection.company_id.id,
        journals=connection._get_accounting_journals().ids,
        before=before,
        since=SQL("move.date >= %s", since) if since else SQL("TRUE"),
        late=SQL("move.accounting_left_out") if late else SQL("TRUE"),
        taken=_was_taken(connection, SQL("move.id"), SQL("move.journal_id"), SQL("move.date")),
    )


def find_booked_keys(cr, company, journals, since):
    """Return the keys of all that a company has booked since a date."""
    cr.execute(
        SQL(
            """
            SELECT DISTINCT %(key)s FROM account_move_line item %(joins)s %(rates)s
             WHERE item.company_id = %(company)s AND item.parent_state = 'posted' AND item.date >= %(since)s
               AND item.journal_id = ANY(%(journals)s) AND item.balance <> 0
            """,
            key=_KEY,
            joins=_JOINS,
            rates=_RATES,
            company=company.id,
            since=since,
            journals=journals.ids,
        )
    )
    return [key for (key,) in cr.fetchall()]
