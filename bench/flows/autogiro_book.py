"""Bankgirot's report of ten thousand approved payments, beside Odoo's dialog Register Payment."""

from bench.autogiro import AMOUNT, BANKGIRO, DAY, Autogiro


class Flow(Autogiro):
    """Ours: read the report and book it, every step of the background job. Core: register each payment."""

    title = "Book an Autogiro report"

    def prepare(self, env, n):
        moves, others = super().prepare(env, n)
        batch = env["brp.autogiro.batch"].create({"payment_date": DAY})
        batch.action_select()
        batch.action_make_file()
        batch.action_mark_sent()
        return moves, others, self._write_report(batch.payment_ids)

    def _write_report(self, payments):
        day = DAY.strftime("%Y%m%d")
        rows = sorted((payment.payer_number, payment.reference) for payment in payments)
        total = len(rows) * AMOUNT * 100
        lines = [
            f"01{'AUTOGIRO':20}  {day + '060000000000':20}{'BET. SPEC & STOPP TK':20}471117{BANKGIRO:0>10}",
            f"15{0:035}{day}{1:05}{total:018}   {len(rows):08} ",
            *(
                f"82{day}0    {payer:0>16}{AMOUNT * 100:012}{BANKGIRO:0>10}{reference:16}{'':10}0"
                for payer, reference in rows
            ),
            f"09{day}9900{1:06}{len(rows):012}{0:06}{0:012}{0:06}{0:012}{'':12}",
        ]
        return "".join(f"{line:80}\r\n" for line in lines).encode("latin-1")

    def ours(self, env, data):
        moves, _others, file = data
        reports, _known = env["brp.autogiro.report"]._read_file(file, "report.txt")
        reports.action_book()
        while reports.state == "running":
            reports._step()
            env.flush_all()
            env.invalidate_all()
        if reports.state != "done" or any(state != "paid" for state in moves.mapped("payment_state")):
            raise AssertionError(f"the report is {reports.state}")
        return len(moves)

    def core(self, env, data):
        _ours, moves, _file = data
        env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        ).create({"payment_date": DAY, "group_payment": False})._create_payments()
        return len(moves)
