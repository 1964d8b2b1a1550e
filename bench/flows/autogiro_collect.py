"""Ten thousand invoices into a file for Bankgirot, beside as many of Odoo's own payments."""

from bench.autogiro import DAY, Autogiro


class Flow(Autogiro):
    """Ours: list what is due, and write the file. Core: create and post a payment per invoice."""

    title = "Collect by Autogiro"

    def ours(self, env, data):
        moves, _others = data
        batch = env["brp.autogiro.batch"].create({"payment_date": DAY})
        batch.action_select()
        batch.action_make_file()
        if batch.payment_count != len(moves):
            raise AssertionError(f"only {batch.payment_count} of {len(moves)} invoices are in the file")
        return len(moves)

    def core(self, env, data):
        _ours, moves = data
        line = env.company.autogiro_method_line_id
        env["account.payment"].create(
            [
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": move.partner_id.id,
                    "amount": move.amount_residual,
                    "date": DAY,
                    "journal_id": line.journal_id.id,
                    "payment_method_line_id": line.id,
                }
                for move in moves
            ]
        ).action_post()
        return len(moves)
