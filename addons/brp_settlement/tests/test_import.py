import base64
from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SettlementCommon

# Gross less fee, an order a row. 500.00 - 15.00 + 249.50 - 7.49 - 100.00 = 627.01
ORDERS = """\
Rapport för Övningsbolaget AB
Period;2026-11-01 - 2026-11-03

Datum;Ordernummer;Vår referens;Brutto;Avgift;Kommentar
2026-11-01;A-1;S00101;500,00;15,00;Årskort
2026-11-02;A-2;S00102;249,50;7,49;Kurs; "Å"
2026-11-03;A-1;S00101;-100,00;0,00;
""".replace('Kurs; "Å"', '"Kurs; ""Å"""')

# Types in rows of their own, two payouts. P-1: 1 000.00 - 30.00 - 7.50 = 962.50, P-2: 80.00 - 2.00 = 78.00
TYPES = """\
Type,Amount,Reference,Payout reference,Payout date,Payout amount,Currency
sale,"1,000.00",S1,P-1,2026-11-04,962.50,SEK
fee,-30.00,S1,P-1,2026-11-04,962.50,SEK
fee_vat,-7.50,S1,P-1,2026-11-04,962.50,SEK
sale,80.00,S2,P-2,2026-11-05,78.00,SEK
KICKBACK,-2.00,S2,P-2,2026-11-05,78.00,SEK
"""


@tagged("post_install", "-at_install")
class TestImport(SettlementCommon):
    """A channel's file becomes payouts; what its columns are is asked once."""

    def start(self, text, channel=None, name="rapport.csv", encoding="utf-8", **values):
        data = text if isinstance(text, bytes) else text.encode(encoding)
        return self.env["brp.payout.import"].create(
            {
                "channel_id": (channel or self.channel).id,
                "file": base64.b64encode(data),
                "file_name": name,
                **values,
            }
        )

    def preview(self, text, **values):
        """Read a file and go on to the preview, as somebody does who agrees with all that is proposed."""
        wizard = self.start(text, **values)
        wizard.action_read()
        if wizard.state == "columns":
            wizard.action_preview()
        return wizard

    def load(self, text, **values):
        """Import a file that tells all there is to know; return what was said."""
        return self.preview(text, **values).action_import()["params"]

    def find(self, name):
        return self.env["brp.payout"].search([("channel_id", "=", self.channel.id), ("name", "=", name)])

    def targets(self, wizard):
        return {column.name: column.target for column in wizard.column_ids if column.target != "ignore"}

    # === WHAT IS READ === #

    def test_orders_with_fees(self):
        wizard = self.start(ORDERS, encoding="cp1252")
        wizard.action_read()
        self.assertEqual(wizard.state, "columns")
        self.assertIn("Rapport för Övningsbolaget AB", wizard.above)
        self.assertEqual(
            self.targets(wizard),
            {
                "Datum": "date",
                "Ordernummer": "order_reference",
                "Vår referens": "reference",
                "Brutto": "amount_sale",
                "Avgift": "amount_fee",
                "Kommentar": "text",
            },
        )
        self.assertEqual(wizard.column_ids.filtered("deducted").name, "Avgift")
        self.assertEqual(wizard.column_ids[3].example, "500,00 · 249,50 · -100,00")
        wizard.action_preview()
        [line] = wizard.payout_ids
        self.assertEqual((wizard.state, line.row_count, line.status), ("preview", 5, "new"))
        self.assertEqual((line.amount_lines, line.amount_paid, line.difference), (627.01, 627.01, 0))
        self.assertFalse(line.name or line.date or line.unknown)
        with self.assertRaisesRegex(UserError, "reference and the date"):
            wizard.action_import()
        with Form(wizard) as form, form.payout_ids.edit(0) as row:
            row.name = "UTB 7"
            row.date = date(2026, 11, 4)
        said = wizard.action_import()["params"]
        payout = self.find("UTB 7")
        self.assertEqual(said["next"]["res_id"], payout.id)
        self.assertEqual((payout.state, payout.difference), ("ready", 0))
        self.assertEqual(
            payout.line_ids.sorted("id").mapped(lambda row: (row.kind, row.amount, row.reference)),
            [
                ("sale", 500, "S00101"),
                ("fee", -15, "S00101"),
                ("sale", 249.5, "S00102"),
                ("fee", -7.49, "S00102"),
                ("refund", -100, "S00101"),
            ],
        )
        row = payout.line_ids.sorted("id")[2]
        self.assertEqual((row.date, row.order_reference, row.text), (date(2026, 11, 2), "A-2", 'Kurs; "Å"'))
        payout.action_post()
        self.assertEqual(self.rows(payout.move_id), {"1930": 627.01, "6064": 22.49, "1582": -649.5})
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "brp.payout"), ("res_id", "=", payout.id)]
        )
        self.assertEqual((attachment.name, attachment.raw), ("rapport.csv", ORDERS.encode("cp1252")))

    def test_several_payouts(self):
        wizard = self.preview(TYPES)
        first, second = wizard.payout_ids
        self.assertEqual(
            [
                (line.name, line.date, line.row_count, line.amount_lines, line.amount_paid)
                for line in wizard.payout_ids
            ],
            [
                ("P-1", date(2026, 11, 4), 3, 962.5, 962.5),
                ("P-2", date(2026, 11, 5), 2, 78, 78),
            ],
        )
        self.assertEqual((first.unknown, second.unknown), (False, "KICKBACK"))
        said = wizard.action_import()["params"]
        self.assertEqual((said["type"], said["message"]), ("success", "Imported: P-1, P-2."))
        self.assertEqual((self.find("P-1").state, self.find("P-2").state), ("ready", "open"))
        words = self.env["brp.payout.mapping"].search(self.find("P-2").action_map()["domain"])
        words.write({"kind": "charge", "account_id": self.fees.id})
        self.assertEqual(self.find("P-2").state, "ready")

    def test_second_file_needs_no_answers(self):
        wizard = self.start(TYPES.replace("Amount,", "Effect,"))
        wizard.action_read()
        with self.assertRaisesRegex(UserError, "No column is an amount"):
            wizard.action_preview()
        wizard.column_ids.filtered(lambda column: column.name == "Effect").target = "amount"
        wizard.action_preview()
        wizard.action_import()
        self.assertEqual(len(self.channel.column_ids), 7)
        again = self.start(TYPES.replace("Amount,", "Effect,").replace("P-", "Q-"))
        again.action_read()
        self.assertEqual((again.state, again.payout_ids.mapped("name")), ("preview", ["Q-1", "Q-2"]))
        self.assertEqual(set(again.column_ids.mapped("source")), {"kept"})
        again.action_import()
        self.assertTrue(self.find("Q-1"))

    def test_column_of_earlier_files_is_gone(self):
        self.load(TYPES)
        wizard = self.start(TYPES.replace("Payout amount", "Utbetalt"))
        wizard.action_read()
        self.assertEqual((wizard.state, wizard.lacking), ("columns", "Payout amount"))
        wizard = self.start("Type;Antal;Reference\nsale;2;S1\n")
        wizard.action_read()
        self.assertIn("Amount", wizard.lacking)
        with self.assertRaisesRegex(UserError, "No column is an amount"):
            wizard.action_preview()

    def test_dates_that_can_be_read_in_two_ways(self):
        text = "Datum;Belopp\n04/11/2026;10,00\n05/11/2026;20,00\n"
        wizard = self.start(text)
        wizard.action_read()
        wizard.action_preview()
        self.assertEqual((wizard.state, wizard.needs_order), ("columns", True))
        wizard.date_order = "day"
        wizard.action_preview()
        wizard.payout_ids.write({"name": "D", "date": date(2026, 11, 6)})
        wizard.action_import()
        self.assertEqual(self.find("D").line_ids.mapped("date"), [date(2026, 11, 4), date(2026, 11, 5)])
        # The channel's next file is read the same way without a question; one that tells is read as it tells.
        again = self.preview(text)
        self.assertEqual((again.state, again.date_order), ("preview", "day"))
        other = self.preview("Datum;Belopp\n11/04/2026;10,00\n11/25/2026;20,00\n")
        other.payout_ids.write({"name": "M", "date": date(2026, 11, 26)})
        other.action_import()
        self.assertEqual(self.find("M").line_ids.mapped("date"), [date(2026, 11, 4), date(2026, 11, 25)])

    def test_rows_of_no_payout(self):
        text = TYPES + "sale,44.00,S3,,,,SEK\n"
        wizard = self.preview(text)
        self.assertEqual((wizard.without_count, wizard.without_text), (1, "lines 7, together 44.00"))
        with self.assertRaisesRegex(UserError, "left out"):
            wizard.action_import()
        wizard.leave_out = True
        wizard.action_import()
        self.assertEqual(self.find("P-1").amount_paid, 962.5)

    def test_the_payout_among_its_rows(self):
        text = (
            "Typ;Belopp;Utbetalning\nsale;100,00;U1\nfee;-3,00;U1\nUtbetalning;-97,00;U1\nsale;50,00;U2\n"
            "Utbetalning;-49,00;U2\n"
        )
        wizard = self.start(text)
        wizard.action_read()
        self.assertEqual(wizard.paid_words, "Utbetalning")
        wizard.action_preview()
        self.assertEqual(
            wizard.payout_ids.mapped(lambda line: (line.amount_paid, line.difference, line.paid_told)),
            [(97, 0, True), (49, -1, True)],
        )
        self.assertEqual(wizard.payout_ids.mapped("row_count"), [2, 1])

    # === WHAT IS NOT === #

    def test_wrong_files(self):
        for text, words in (
            (b"PK\x03\x04\x14\x00\x06\x00", "Excel"),
            (b"", "Choose a file|is empty"),
            (b"  \r\n \r\n", "is empty"),
            (bytes(range(256)) * 4, "not a text file"),
            (b"%PDF-1.7 ...", "PDF"),
            ("sale;100,00;S1\nfee;-3,00;S1\n", "names of columns"),
            ("Type;Amount\n", "no rows"),
            ('Type;Amount\nsale;"100,00\n', "Line 2: the quotation marks"),
            ("Type;Amount\nsale;100,00;S1\n", "Line 2: 3 cells, but the header has 2"),
            ("Type;Amount\nsale;100,00\nsale\n", "Line 3: 1 cells only"),
            ("Type;Amount\nsale;100,00\nsale;\n", "Line 3: there is no amount"),
            ("Type;Amount\nsale;1,234\n", "Line 2: Amount: “1,234” can be read in two ways"),
            ("Type;Amount\nsale;10,005\nfee;0,5\n", "Line 2: Amount: “10,005” has more than two decimals"),
            ("Type;Amount;Fee;Net\nsale;100;3;96\n", "Line 2: the amounts come to 97.00"),
            ("Type;Amount\nsale;100\nTotal;90\n", "Line 3: Amount: it says that the sum is 90.00"),
            ("Type;Amount;Currency\nsale;100;SEK\nfee;-3;EUR\n", "Line 3: it is in EUR.*in SEK"),
            ("Type;Amount\nsale;100 SEK\nfee;-3 EUR\n", "Line 3: it is in EUR.*in SEK"),
            ("Type;Amount;Currency\nsale;100;QQQ\n", "QQQ is no currency"),
            ("Type;Amount;Payout;Payout date\nsale;1;P;2026-11-04\nsale;1;P;2026-11-05\n", "Line 3"),
            ("Type;Amount;Payout;Payout amount\nsale;1;P;2\nsale;1;P;3\n", "Line 3: 3.00 was paid out"),
            ("Datum;Belopp\n31/02/2026;1\n", "Line 2: Datum: “31/02/2026” is not a date"),
            ("Datum;Belopp\n30/11/2026;1\n11/30/2026;1\n", "day first, others the month"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.preview(text)
        self.assertFalse(self.find("P"))
        self.assertFalse(self.channel.column_ids)

    def test_bad_amount_names_its_line(self):
        rows = ["sale;100,00"] * 20
        rows[5] = "sale;hundra"
        with self.assertRaisesRegex(UserError, "Line 7: Belopp: “hundra” is not an amount") as error:
            self.preview("Typ;Belopp\n" + "\n".join(rows))
        self.assertEqual(len(str(error.exception).splitlines()), 2)
        with self.assertRaisesRegex(UserError, "more lines: 10"):
            self.preview("Typ;Belopp\n" + "sale;x\n" * 20)

    # === THE SAME AGAIN === #

    def test_twice_the_same(self):
        self.load(TYPES)
        payouts = self.find("P-1") + self.find("P-2")
        before = payouts.line_ids.ids
        # In another order, by another system, and with one more payout.
        lines = TYPES.splitlines()
        text = "\r\n".join([lines[0], *reversed(lines[1:]), "sale,5.00,S9,P-3,2026-11-06,5.00,SEK"])
        wizard = self.preview(text, encoding="utf-16")
        self.assertEqual(wizard.payout_ids.mapped("status"), ["same", "same", "new"])
        said = wizard.action_import()["params"]
        self.assertIn("Imported already, and the same: P-2, P-1.", said["message"])
        self.assertIn("Imported: P-3.", said["message"])
        self.assertEqual(payouts.line_ids.ids, before)
        said = self.load(TYPES)
        self.assertEqual(said["message"], "Imported already, and the same: P-1, P-2.")

    def test_equal_rows_are_rows_of_their_own(self):
        text = TYPES + "sale,20.00,,P-3,2026-11-06,40.00,SEK\n" * 2
        self.load(text)
        payout = self.find("P-3")
        self.assertEqual((payout.amount_lines, len(set(payout.line_ids.mapped("key")))), (40, 2))
        self.assertIn("the same: P-1, P-2, P-3", self.load(text)["message"])

    def test_differs_from_what_is_booked(self):
        self.load(TYPES)
        self.find("P-1").action_post()
        text = TYPES.replace("-30.00", "-31.00").replace("962.50", "961.50")
        wizard = self.preview(text)
        self.assertEqual(wizard.payout_ids.mapped("status"), ["booked", "same"])
        with self.assertRaisesRegex(UserError, r"P-1 is booked.*962.50.*paid, in the file.*961.50"):
            wizard.action_import()
        self.assertEqual(self.find("P-1").amount_paid, 962.5)
        # What is new beside it is imported, and what is not is named.
        said = self.preview(text + "sale,5.00,S9,P-3,2026-11-06,5.00,SEK\n").action_import()["params"]
        self.assertIn("P-1 is booked", said["message"])
        self.assertTrue(self.find("P-3"))

    def test_replaced_when_confirmed(self):
        self.load(TYPES)
        payout = self.find("P-1")
        text = TYPES.replace("-30.00", "-31.00").replace("962.50", "961.50")
        wizard = self.preview(text)
        line = wizard.payout_ids[0]
        self.assertEqual(line.status, "changed")
        self.assertIn("rows: 3", line.difference_text)
        with self.assertRaisesRegex(UserError, "Tick Replace"):
            wizard.action_import()
        line.replace = True
        wizard.action_import()
        self.assertEqual(self.find("P-1"), payout)
        self.assertEqual((payout.amount_paid, payout.amount_lines, payout.state), (961.5, 961.5, "ready"))
        self.assertEqual(len(payout.line_ids), 3)

    # === WHOSE IT IS === #

    def test_invoicing_may_import(self):
        clerk = self.make_user("payout_clerk", "account.group_account_invoice")
        values = {"channel_id": self.channel.id, "file": base64.b64encode(TYPES.encode())}
        wizard = self.env["brp.payout.import"].with_user(clerk).create(values)
        wizard.action_read()
        wizard.action_preview()
        wizard.action_import()
        self.assertEqual(self.find("P-1").create_uid, clerk)
        self.assertEqual(self.find("P-1").line_ids.create_uid, clerk)
        self.assertEqual(len(self.channel.column_ids), 7)
        with self.assertRaises(AccessError):
            self.channel.column_ids[0].with_user(clerk).target = "ignore"
        # Nobody else sees the file while it is imported.
        with self.assertRaises(AccessError):
            wizard.with_user(self.bookkeeper).read(["file"])
        with self.assertRaises(AccessError):
            wizard.payout_ids.with_user(self.bookkeeper).read(["name"])
        reader = self.make_user("payout_reader", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.env["brp.payout.import"].with_user(reader).create({"channel_id": self.channel.id})

    def test_other_company(self):
        other = self.setup_other_company()["company"]
        stranger = self.make_user("payout_stranger", "account.group_account_manager", other)
        values = {
            "channel_id": self.channel.id,
            "file": base64.b64encode(TYPES.encode()),
            "file_name": "x.csv",
        }
        Import = self.env["brp.payout.import"].with_user(stranger).with_company(other)
        with self.assertRaises(AccessError):
            Import.create(values).action_read()
        # Nor does a channel that is changed in the middle get rows.
        own = (
            self.env["brp.payout.channel"]
            .with_company(other)
            .create(
                {
                    "name": "Own",
                    "company_id": other.id,
                    "journal_id": self.env["account.journal"]
                    .search([("company_id", "=", other.id), ("type", "=", "general")], limit=1)
                    .id,
                    "receivable_account_id": self.env["account.account"]
                    .with_company(other)
                    .create({"code": "1582", "name": "R", "account_type": "asset_current", "reconcile": True})
                    .id,
                    "paid_account_id": self.env["account.account"]
                    .with_company(other)
                    .create({"code": "1938", "name": "P", "account_type": "asset_current"})
                    .id,
                }
            )
        )
        wizard = Import.create(values | {"channel_id": own.id})
        wizard.action_read()
        wizard.action_preview()
        wizard.channel_id = self.channel
        with self.assertRaises(AccessError):
            wizard.action_import()
        self.load(TYPES)
        self.assertFalse(self.env["brp.payout.column"].with_user(stranger).with_company(other).search([]))

    # === SPEED === #

    def count(self, rows, payouts):
        """Return the queries of importing so many rows."""
        lines = ["Type,Amount,Fee,Reference,Payout,Payout date"]
        lines += [
            f"sale,{number}.00,1.50,S{number},P{rows}-{number % payouts},2026-11-04" for number in range(rows)
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with patch.object(type(self.env["ir.cron"]), "_trigger"):
            self.load("\n".join(lines))
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        self.count(10, 2)
        few = self.count(50, 2)
        self.assertLessEqual(self.count(5000, 2), few)
        self.assertEqual(self.env["brp.payout.line"].search_count([("reference", "=", "S4999")]), 2)
