import io
import sys
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..file_folder import FileFolder
from .common import DAY
from .test_bjorn_lunden import KEY, BjornLundenCommon
from .test_sie import SieCommon

PDF = b"%PDF-1.4 the orders of the day"
NEXT = DAY + timedelta(days=1)


class DocumentsMixin:
    """Journal entries, and what lies on them."""

    def book(self, amount=100, day=DAY, *, documents=(), **values):
        """Post a journal entry, with {name: content} on it."""
        account = self.company_data["default_account_revenue"]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_assets"].id,
                            "debit": amount,
                        }
                    ),
                    Command.create({"account_id": account.id, "credit": amount}),
                ],
                **values,
            }
        )
        move.action_post()
        for name, content in dict(documents).items():
            self.attach(move, name, content)
        return move

    def attach(self, move, name="orders.pdf", content=PDF, **values):
        return self.env["ir.attachment"].create(
            {"name": name, "raw": content, "res_model": "account.move", "res_id": move.id, **values}
        )

    def close_all(self, until=DAY):
        """Close the days; accounts that are missing are filled in first."""
        self.connection.sudo()._prepare_mapping()
        for mapping in self.connection.accounting_mapping_ids:
            mapping.code = mapping.code or "3001"
        return self.connection.sudo()._close_days(until)

    def find_documents(self):
        """Have the day close's job look for documents."""
        self.connection.sudo()._find_new_documents()


@tagged("post_install", "-at_install")
class TestDocuments(DocumentsMixin, BjornLundenCommon):
    """Documents of journal entries are attached to their vouchers in Björn Lundén, each once."""

    def setUp(self):
        super().setUp()
        self.activate()
        # The day report is another matter, and takes its time.
        self.patch(self.registry["brp.accounting.voucher"], "_carries_report", lambda voucher: False)

    def there(self):
        """Return [[content of each document] of each voucher] at Björn Lundén."""
        company = self.service.company(KEY)
        return [
            [self.service.content(company.documents[str(number)]) for number in voucher["documentIds"]]
            for voucher in self.service.vouchers(KEY)
        ]

    def names(self):
        """Return the names of all documents at Björn Lundén, attached or not."""
        return [document["name"] for document in self.service.company(KEY).documents.values()]

    def exchanges(self):
        return self.env["brp.exchange"].search([("operation", "=", "bl_entry_document")], order="id")

    def misbehave(self, fault, path, when="after", **values):
        self.service.misbehave({"fault": fault, "method": "POST", "path": path, "when": when, **values})

    def test_with_the_voucher(self):
        self.book(documents={"orders.pdf": PDF})
        voucher = self.close_all()
        self.send()
        self.assertEqual(self.there(), [[PDF]])
        self.assertRegex(self.names()[0], r"^orders-[0-9a-f]{10}\.pdf$")
        self.assertEqual(voucher.document_ids.mapped("state"), ["attached"])
        # Nothing more to do, ever.
        self.find_documents()
        self.send()
        self.assertEqual(self.there(), [[PDF]])

    def test_put_there_after_the_export(self):
        move = self.book()
        voucher = self.close_all()
        self.send()
        self.assertEqual(self.there(), [[]])
        self.attach(move)
        with self.enter_registry_test_mode():
            self.env.ref("brp_accounting_export.ir_cron_close").method_direct_trigger()
        self.assertEqual(voucher.document_ids.mapped("state"), ["waiting"])
        self.send()
        self.assertEqual(self.there(), [[PDF]])

    def test_each_entry_has_its_voucher_with_its_documents(self):
        self.book(ref="Klarna 2026-04-15, payout 1", documents={"orders.pdf": PDF})
        self.book(200, ref="Klarna 2026-04-15, payout 2", documents={"orders.pdf": PDF + b" 2"})
        self.close_all()
        self.send()
        self.assertEqual(
            [
                (voucher["journalEntryText"].rpartition(" ")[0], documents)
                for voucher, documents in zip(self.service.vouchers(KEY), self.there(), strict=True)
            ],
            [
                ("Klarna 2026-04-15, payout 1", [PDF]),
                ("Klarna 2026-04-15, payout 2", [PDF + b" 2"]),
            ],
        )

    def test_all_documents_of_all_entries_of_a_voucher(self):
        self.connection.accounting_apart_journal_ids = self.other_entries
        self.book(documents={"orders.pdf": PDF, "settlement.csv": b"a;b\n"})
        self.book(200, documents={"orders.pdf": PDF + b" 2"})
        self.close_all()
        self.send()
        self.assertEqual([sorted(found) for found in self.there()], [sorted([PDF, b"a;b\n", PDF + b" 2"])])

    def test_no_answer_though_it_was_attached(self):
        for number, (fault, day) in enumerate((("timeout", DAY), ("close", NEXT)), 1):
            with self.subTest(fault):
                self.book(day=day, documents={"orders.pdf": PDF + fault.encode(), "more.pdf": PDF})
                self.close_all(day)
                self.misbehave(fault, "*/attachto/*", seconds=0.1)
                self.send()
                self.assertIn("pending", self.exchanges().mapped("state"))
                self.try_again()
                self.assertEqual(sorted(self.there()[-1]), sorted([PDF + fault.encode(), PDF]))
                self.assertEqual(set(self.exchanges().mapped("state")), {"done"})
                self.assertEqual(len(self.names()), 2 * number, "nothing was sent a second time")

    def test_no_answer_and_it_was_not_attached(self):
        self.book(documents={"orders.pdf": PDF, "more.pdf": PDF + b" 2"})
        self.close_all()
        self.misbehave("close", "*/attachto/*", when="before")
        self.send()
        self.try_again()
        self.assertEqual([sorted(found) for found in self.there()], [sorted([PDF, PDF + b" 2"])])

    def test_no_answer_to_the_file_itself(self):
        self.book(documents={"orders.pdf": PDF})
        self.close_all()
        self.misbehave("close", "*/document")
        self.send()
        self.assertEqual((self.there(), len(self.names())), ([[]], 1))
        self.try_again()
        # The first copy is with no voucher.
        self.assertEqual((self.there(), len(self.names())), ([[PDF]], 2))

    def test_killed_after_it_was_attached(self):
        self.book(documents={"orders.pdf": PDF})
        self.close_all()
        self.send()
        # What a process that was killed leaves behind: its attempt began, and nothing came of it.
        self.exchanges().sudo().write({"state": "pending", "unsure": True, "reference": False})
        self.try_again()
        self.assertEqual(self.there(), [[PDF]])
        self.assertEqual(self.exchanges().state, "done")

    def test_the_day_report_beside_documents(self):
        self.patch(self.registry["brp.accounting.voucher"], "_carries_report", lambda voucher: True)
        self.patch(
            self.registry["brp.accounting.day"],
            "_render_report",
            lambda day: (f"{day._get_report_name()}.pdf", b"%PDF-1.4 report"),
        )
        self.book(documents={"orders.pdf": PDF})
        self.close_all()
        self.send()
        self.assertEqual(self.there(), [[b"%PDF-1.4 report", PDF]])
        report = self.env["brp.exchange"].search([("operation", "=", "bl_document")])
        for _time in range(2):
            report.sudo().write({"state": "pending", "unsure": True, "reference": False})
            self.try_again()
            self.assertEqual(sorted(self.there()[0]), sorted([b"%PDF-1.4 report", PDF]))
            # That another document is there does not make the report be there.
            self.service.detach(self.service.company(KEY), int(report.reference))

    def test_a_document_that_comes_without_a_name(self):
        """Its name may not be told there: what nobody else has sent counts as it."""
        self.book(documents={"orders.pdf": PDF, "more.pdf": PDF + b" 2"})
        self.close_all()
        self.send()
        for document in self.service.company(KEY).documents.values():
            document["name"] = ""
        self.patch(sys.modules["bjornlunden.documents"], "document_dto", lambda told: {"id": told["id"]})
        self.exchanges()[1].sudo().write({"state": "pending", "unsure": True, "reference": False})
        self.try_again()
        self.assertEqual(len(self.there()[0]), 2)

    def test_a_type_that_is_refused(self):
        move = self.book(documents={"orders.pdf": PDF, "orders.xlsx": b"PK"})
        voucher = self.close_all()
        self.send()
        self.assertEqual(voucher.state, "exported")
        self.assertEqual(self.there(), [[PDF]])
        problem = self.connection.problem
        self.assertRegex(problem, r"^orders\.xlsx \(K 1 .*2026-04-15\): Björn Lundén did not accept")
        self.assertIn("The voucher itself is booked", problem)
        refused = voucher.document_ids.filtered(lambda document: document.state == "problem")
        self.assertEqual(refused.name, "orders.xlsx")
        self.assertIn("did not accept the attachment", refused.problem)
        action = self.exchanges().filtered(lambda one: one.state == "failed").action_open_record()
        self.assertEqual((action["res_model"], action["res_id"]), (voucher._name, voucher.id))
        # Taken away from the entry, it is no problem any more.
        self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", move.id), ("name", "=", "orders.xlsx")]
        ).unlink()
        self.find_documents()
        self.send()
        self.assertFalse(self.connection.problem)
        self.assertEqual(voucher.document_ids.mapped("name"), ["orders.pdf"])

    def test_too_large(self):
        self.service.set(document_bytes=50)
        self.book(documents={"orders.pdf": PDF, "long.pdf": PDF * 3})
        voucher = self.close_all()
        self.send()
        self.assertEqual((voucher.state, self.there()), ("exported", [[PDF]]))
        self.assertRegex(self.connection.problem, r"^long\.pdf .* too large for Björn Lundén")

    def test_given_up(self):
        self.book(documents={"orders.xlsx": b"PK"})
        voucher = self.close_all()
        self.send()
        self.exchanges().action_give_up()
        self.assertFalse(self.connection.problem)
        self.assertEqual((voucher.state, voucher.document_ids.state), ("exported", "problem"))

    def test_taken_away_before_it_was_sent(self):
        move = self.book(documents={"orders.pdf": PDF})
        voucher = self.close_all()
        self.misbehave("close", "*/document", when="before")
        self.send()
        self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", move.id)]
        ).unlink()
        self.try_again()
        self.assertEqual(self.there(), [[]])
        self.assertFalse(voucher.document_ids)

    def test_other_content_is_another_document(self):
        move = self.book(documents={"orders.pdf": PDF})
        self.close_all()
        self.send()
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", move.id)]
        )
        attachment.raw = PDF + b" corrected"
        self.find_documents()
        self.send()
        self.assertEqual(self.there(), [[PDF, PDF + b" corrected"]])

    def test_names(self):
        move = self.book(documents={"Klarna: dag 15/4 åäö.pdf": PDF, "orders": PDF + b" 2"})
        self.attach(move, "x" * 200 + ".pdf", PDF + b" 3", mimetype="application/pdf")
        self.close_all()
        self.send()
        names = sorted(self.names())
        self.assertRegex(names[0], r"^Klarna- dag 15-4 åäö-[0-9a-f]{10}\.pdf$")
        self.assertRegex(names[1], r"^orders-[0-9a-f]{10}\.pdf$")
        self.assertRegex(names[2], r"^x{80}-[0-9a-f]{10}\.pdf$")

    def test_what_is_no_document(self):
        move = self.book()
        self.attach(move, "link", b"", type="url", url="https://example.com")
        self.attach(move, "empty.pdf", b"")
        self.attach(move, "mail.eml", b"From: a@example.com", mimetype="message/rfc822")
        self.attach(move, "field.pdf", PDF, res_field="invoice_pdf_report_file")
        picture = self.attach(move, "logo.png", b"\x89PNG logo")
        in_message = self.attach(move, "basis.pdf", PDF + b" from a message")
        message = move.message_post(attachment_ids=(picture + in_message).ids)
        message.body = f'<p><img src="/web/image/{picture.id}?access_token=1"></p>'
        self.close_all()
        self.send()
        self.assertEqual(self.there(), [[PDF + b" from a message"]])

    def test_invoices_keep_their_documents(self):
        move = self.sell({25: 100})
        self.attach(move)
        self.close_all()
        self.send()
        self.assertEqual((len(self.booked()), self.there()), (1, [[]]))

    def test_withdrawn(self):
        move = self.book(documents={"orders.pdf": PDF})
        voucher = self.close_all()
        self.send()
        company = self.service.company(KEY)
        self.service.take_back(company, company.vouchers[-1])
        self.attach(move, "more.pdf", PDF + b" 2")
        self.find_documents()
        _gone, made = self.connection.sudo()._export_anew(DAY)
        self.assertEqual(voucher.state, "withdrawn")
        self.assertEqual(set(voucher.document_ids.mapped("state")), {"withdrawn"})
        self.send()
        # The new voucher has all of them; the one that is gone is not asked for.
        self.assertEqual([sorted(found) for found in self.there()], [sorted([PDF, PDF + b" 2"])])
        self.assertEqual(set(made.document_ids.mapped("state")), {"attached"})
        waiting = self.exchanges().filtered(lambda exchange: exchange.state == "cancelled")
        self.assertEqual(len(waiting), 1)
        waiting.action_retry()
        self.send()
        self.assertIn("has been taken back", waiting.error)
        self.assertEqual(len(self.there()[0]), 2)

    def test_never_exported(self):
        self.service.lock_period(KEY, "202604")
        self.book(documents={"orders.pdf": PDF})
        voucher = self.close_all()
        self.send()
        self.find_documents()
        self.assertEqual(voucher.state, "problem")
        self.assertFalse(voucher.document_ids)
        self.assertEqual(self.names(), [])

    def test_a_correction_does_not_have_them_again(self):
        move = self.book(documents={"orders.pdf": PDF})
        self.close_all()
        self.send()
        move.button_draft()
        move.line_ids = [
            Command.update(line.id, {"debit": line.debit and 80, "credit": line.credit and 80})
            for line in move.line_ids
        ]
        move.action_post()
        correction = self.close_all()
        self.assertTrue(correction.correction)
        self.send()
        self.find_documents()
        self.assertEqual(self.there(), [[PDF], []])
        # What is new goes with what stands.
        self.attach(move, "why.pdf", PDF + b" why")
        self.find_documents()
        self.send()
        self.assertEqual(self.there(), [[PDF], [PDF + b" why"]])

    def test_moved_to_another_day(self):
        move = self.book(documents={"orders.pdf": PDF})
        self.close_all()
        self.send()
        move.button_draft()
        move.date = NEXT
        move.action_post()
        self.close_all(NEXT)
        self.send()
        # The first one, its correction on the same day, and the day on which it is now.
        self.assertEqual(self.there(), [[PDF], [], [PDF]])

    def test_switched_off(self):
        self.connection.accounting_documents = False
        self.book(documents={"orders.pdf": PDF})
        self.close_all()
        self.send()
        with self.enter_registry_test_mode():
            self.env.ref("brp_accounting_export.ir_cron_close").method_direct_trigger()
        self.assertEqual(self.there(), [[]])
        self.connection.accounting_documents = True
        with self.enter_registry_test_mode():
            self.env.ref("brp_accounting_export.ir_cron_close").method_direct_trigger()
        self.send()
        self.assertEqual(self.there(), [[PDF]])

    def test_long_ago(self):
        move = self.book()
        voucher = self.close_all()
        self.send()
        self.attach(move)
        voucher.sudo().exported_on = "2025-03-01 08:00:00"
        self.find_documents()
        self.assertFalse(voucher.document_ids)
        voucher.sudo().exported_on = "2025-04-01 08:00:00"
        self.find_documents()
        self.assertTrue(voucher.document_ids)

    def test_the_first_time_a_portion_at_a_time_and_only_of_its_own_vouchers(self):
        """What lies on entries of two exports and of none goes once, with the vouchers of this one."""
        self.patch(sys.modules[type(self.connection)._find_new_documents.__module__], "_BATCH", 2)
        self.connection.accounting_documents = False
        moves = [self.book(number, ref=str(number)) for number in range(1, 7)]
        vouchers = self.close_all()
        self.send()
        others, refused = vouchers[0], vouchers[1]
        sie = self.env["brp.connection"].search(
            [("provider", "=", "sie"), ("company_id", "=", self.company.id)]
        )
        others.sudo().connection_id = sie
        refused.sudo().external_id = False  # never came to be there
        moves.append(self.book(7, DAY - timedelta(days=60)))  # before the start
        for number, move in enumerate(moves):
            self.attach(move, content=PDF + str(number).encode())
        self.connection.accounting_documents = True
        noted = []
        for _run in range(3):
            self.find_documents()
            noted.append(len(vouchers.document_ids))
            self.assertEqual(bool(self.connection.accounting_documents_checked_at), len(noted) == 3)
        self.assertEqual(noted, [2, 4, 4])
        self.assertEqual(vouchers.filtered("document_ids"), vouchers - others - refused)
        self.assertEqual(self.env["brp.accounting.document"].search([]), vouchers.document_ids)

    def test_what_cannot_be_looked_for_is_a_problem_until_it_can(self):
        self.connection.responsible_id = self.bookkeeper
        move = self.book()
        voucher = self.close_all()
        self.send()
        self.attach(move)

        def fail(*_args, **_values):
            raise ValueError("no such thing")

        cron = self.env.ref("brp_accounting_export.ir_cron_close")
        with (
            patch.object(self.registry["brp.accounting.document"], "_gather", fail),
            mute_logger("odoo.addons.brp_accounting_export.models.brp_connection_documents"),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        problem = self.connection.problem
        self.assertIn("documents of journal entries could not be looked for: ValueError.", problem)
        self.assertIn(self.bookkeeper, self.connection.sudo().activity_ids.user_id)
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertFalse(self.connection.problem)
        self.assertFalse(self.connection.sudo().activity_ids)
        self.assertEqual(voucher.document_ids.mapped("name"), ["orders.pdf"])

    def test_only_what_is_new_is_looked_at(self):
        move = self.book()
        voucher = self.close_all()
        self.send()
        attachment = self.attach(move)
        self.env.flush_all()
        for written, found in (("2026-04-18 07:00:00", False), ("2026-04-18 09:00:00", True)):
            self.env.cr.execute(
                "UPDATE ir_attachment SET write_date = %s WHERE id = %s", (written, attachment.id)
            )
            self.connection.sudo().accounting_documents_checked_at = "2026-04-19 08:00:00"
            self.find_documents()
            self.assertEqual(bool(voucher.document_ids), found)
        self.assertEqual(str(self.connection.accounting_documents_checked_at), "2026-04-20 08:00:00")

    def test_queries_do_not_grow_with_the_vouchers(self):
        self.connection.accounting_per = "document"
        counts = []
        for number, day in ((2, DAY), (20, NEXT)):
            moves = [self.book(100 + index, day) for index in range(number)]
            self.close_all(day)
            self.send()
            for index, move in enumerate(moves):
                self.attach(move, content=PDF + str((day, index)).encode())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.find_documents()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
        self.send()
        self.assertEqual([len(found) for found in self.there()], [1] * 22)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.find_documents()
        self.env.flush_all()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 6)

    def test_the_bookkeeper_sees_them(self):
        self.book(documents={"orders.pdf": PDF})
        voucher = self.close_all()
        self.send()
        with Form(voucher.with_user(self.bookkeeper)) as form:
            self.assertEqual(len(form.document_ids), 1)
        document = voucher.document_ids.with_user(self.bookkeeper)
        self.assertIn(str(document.attachment_id.id), document.action_download()["url"])

    def test_another_company(self):
        self.book(documents={"orders.pdf": PDF})
        document = self.close_all()
        self.send()
        document = document.document_ids
        other = self.setup_other_company(name="Norrby Gym AB")["company"]
        user = self.make_user("documents_other", "account.group_account_manager", other)
        self.assertFalse(self.env["brp.accounting.document"].with_user(user).search([]))
        with self.assertRaises(AccessError):
            document.with_user(user).read(["name"])
        with self.assertRaises(AccessError):
            document.with_user(self.bookkeeper).write({"state": "waiting"})
        nobody = new_test_user(self.env, "documents_nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            document.with_user(nobody).read(["name"])


@tagged("post_install", "-at_install")
class TestSieDocuments(DocumentsMixin, SieCommon, HttpCase):
    """Beside a SIE file, its documents are in a zip file."""

    def read_zip(self, data):
        """Return {name: content}."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def use_folder(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.env["ir.config_parameter"].sudo().set_param(
            "brp_accounting_export.sie_directory", directory.name
        )
        self.env.invalidate_all()
        self.folder = Path(directory.name) / self.connection.sie_subfolder

    def in_folder(self):
        return sorted(path.name for path in self.folder.glob("*.*") if path.is_file())

    def send(self):
        with self.enter_registry_test_mode():
            self.env.ref("brp_connector.ir_cron_send").method_direct_trigger()

    def test_beside_a_file_that_is_downloaded(self):
        self.connection.sie_per = "period"
        move = self.book(documents={"orders.pdf": PDF}, ref="Klarna 2026-04-15, payout 7")
        self.book(200, NEXT, documents={"orders.pdf": PDF + b" 2"}, ref="Rent")
        first, second = self.close_all(NEXT).sorted("date")
        action = self.ask(per="period").save().action_export()
        file = self.File.search([])
        self.assertEqual((action["res_model"], action["res_id"]), (file._name, file.id))
        self.assertEqual(file.document_count, 2)
        self.assertEqual(set(file.voucher_ids.document_ids.mapped("state")), {"file"})
        self.attach(move, "later.csv", b"a;b")
        self.find_documents()
        url = file.action_download_documents()["url"]
        self.bookkeeper.password = "export_bookkeeper"
        self.authenticate("export_bookkeeper", "export_bookkeeper")
        answer = self.url_open(url)
        self.assertIn("sundby-gym-bad-ab_2026-04-15_2026-04-16.zip", answer.headers["Content-Disposition"])
        self.assertEqual(
            self.read_zip(answer.content),
            {
                f"2026-04-15 Klarna, payout 7 {first.token} orders.pdf": PDF,
                f"2026-04-15 Klarna, payout 7 {first.token} later.csv": b"a;b",
                f"2026-04-16 Rent {second.token} orders.pdf": PDF + b" 2",
            },
        )

    def test_those_of_one_name(self):
        self.connection.accounting_apart_journal_ids = self.other_entries
        self.book(documents={"orders.pdf": PDF})
        self.book(200, documents={"Orders.pdf": PDF + b" 2"})
        voucher = self.close_all()
        file = self.export()
        self.assertEqual(
            set(self.read_zip(file._zip_documents())),
            {f"2026-04-15 Other {voucher.token} {name}.pdf" for name in ("orders", "Orders (2)")},
        )

    def test_other_content(self):
        move = self.book(documents={"orders.pdf": PDF})
        self.close_all()
        file = self.export()
        self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", move.id)]
        ).raw = PDF + b" corrected"
        self.find_documents()
        self.assertEqual(
            (file.document_count, list(self.read_zip(file._zip_documents()).values())),
            (1, [PDF + b" corrected"]),
        )

    def test_none(self):
        self.sell({25: 100})
        self.book()
        self.close_all()
        action = self.ask().save().action_export()
        self.assertEqual(action["type"], "ir.actions.act_url")
        file = self.File.search([])
        self.assertFalse(file.document_count)
        self.bookkeeper.password = "export_bookkeeper"
        self.authenticate("export_bookkeeper", "export_bookkeeper")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(f"/brp_accounting_export/documents/{file.id}").status_code, 404)

    def test_switched_off(self):
        self.connection.accounting_documents = False
        self.book(documents={"orders.pdf": PDF})
        self.close_all()
        self.assertFalse(self.export().document_count)

    def test_not_for_others(self):
        self.book(documents={"orders.pdf": PDF})
        self.close_all()
        file = self.export()
        other = self.setup_other_company(name="Norrby Gym AB")["company"]
        for login, groups, company in (
            ("zip_other", "account.group_account_manager", other),
            ("zip_nobody", "base.group_user", self.company),
        ):
            self.make_user(login, groups, company)
            self.authenticate(login, login)
            with mute_logger("odoo.http"):
                answer = self.url_open(f"/brp_accounting_export/documents/{file.id}")
            self.assertEqual(answer.status_code, 404, login)

    def test_in_the_folder(self):
        self.use_folder()
        self.book(documents={"orders.pdf": PDF})
        self.sell({25: 100}, NEXT)
        self.close_all(NEXT)
        self.send()
        self.assertEqual(
            self.in_folder(),
            [
                "sundby-gym-bad-ab_2026-04-15.si",
                "sundby-gym-bad-ab_2026-04-15.zip",
                "sundby-gym-bad-ab_2026-04-16.si",
            ],
        )
        data = (self.folder / "sundby-gym-bad-ab_2026-04-15.zip").read_bytes()
        self.assertEqual(list(self.read_zip(data).values()), [PDF])

    def test_taken_back_from_the_folder(self):
        self.use_folder()
        self.book(documents={"orders.pdf": PDF})
        vouchers = self.close_all()
        self.send()
        file = self.File.search([])
        both = self.in_folder()
        # In a transaction that comes to nothing they are put back.
        file.sudo()._take_from_folder()
        self.assertEqual(self.in_folder(), [])
        self.env.cr.postrollback.run()
        self.assertEqual(self.in_folder(), both)
        file.sudo()._take_back(by_hand=True)
        self.assertEqual(self.in_folder(), [])
        self.assertFalse(vouchers.document_ids)
        again = self.export()
        self.assertEqual((again.document_count, file.document_count), (1, 0))
        with self.assertRaises(UserError):
            file.action_download()
        self.assertEqual(again.voucher_ids, vouchers)

    def test_taken_back_while_it_is_being_left(self):
        self.use_folder()
        self.book(documents={"orders.pdf": PDF})
        self.close_all()
        file = self.File.search([])
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            exchange, look_up = api.Environment(cr, SUPERUSER_ID, {})["brp.exchange"]._claim()
            file.with_env(exchange.env)._take_from_folder()
            self.assertFalse(exchange._deliver(look_up).delivered)
        self.assertEqual(self.in_folder(), [])

    def test_left_once_when_killed_in_between(self):
        self.use_folder()
        self.book(documents={"orders.pdf": PDF})
        self.close_all()
        file = self.File.search([])
        # The zip had appeared when its process was killed, and has been taken by the other program.
        FileFolder(file.folder).drop(file._get_zip_name(), b"PK")
        (self.folder / file._get_zip_name()).unlink()
        self.send()
        self.assertEqual(self.in_folder(), [file.name])
        self.assertEqual(file.state, "dropped")
