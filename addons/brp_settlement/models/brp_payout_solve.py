from odoo import Command, models
from odoo.exceptions import AccessError, UserError

from ..kinds import KINDS, describe_word

#: Words that are named in the text of a problem
_WORDS_SHOWN = 5


class Payout(models.Model):
    """What a person can do about a payout that is not explained."""

    _inherit = "brp.payout"

    def action_map(self):
        """Show the channel's words that are not known yet, to be told what they mean."""
        self.ensure_one()
        words = self._find_unknown_words()
        if not words:
            return self.action_view_unknown()
        channel = self.channel_id
        mapping = channel._get_mapping()
        kinds = dict(KINDS)
        self.env["brp.payout.mapping"].create(
            [
                {"channel_id": channel.id, "code": word, "kind": word in kinds and word}
                for word in words
                if word not in mapping
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Do These Mean?"),
            "res_model": "brp.payout.mapping",
            "views": [(self.env.ref("brp_settlement.brp_payout_mapping_view_list").id, "list")],
            "domain": [("channel_id", "=", channel.id), ("code", "in", words)],
            "context": {"default_channel_id": channel.id},
        }

    def _find_unknown_words(self):
        return list(filter(None, self._count_unknown_words()))

    def _count_unknown_words(self):
        """Return {word: number of rows that have no account}; of rows without a word it is their kind.

        What there is neither word nor kind of is under False.
        """
        counts = {}
        for word, kind, count in self.env["brp.payout.line"]._read_group(
            self._get_unknown_domain(), ["code", "kind"], ["__count"]
        ):
            counts[word or kind] = counts.get(word or kind, 0) + count
        return counts

    def _get_unknown_domain(self):
        return [
            ("payout_id", "in", self._origin.ids),
            *("|", ("account_id", "=", False), ("kind", "=", False)),
        ]

    def _describe_unknown(self):
        """Return what there is to tell of rows without account, a sentence for those that have a word."""
        counts = self._count_unknown_words()
        wordless = counts.pop(False, 0)
        sentences = []
        if counts:
            labels = dict(self.env["brp.payout.line"]._fields["kind"]._description_selection(self.env))
            names = [describe_word(word, labels) or labels[word] for word in counts]
            if len(names) > _WORDS_SHOWN:
                names[_WORDS_SHOWN:] = [self.env._("and %s more", len(names) - _WORDS_SHOWN)]
            sentences.append(
                self.env._(
                    "Rows without account: %(count)s (%(words)s). Tell what the words mean, or choose"
                    " accounts on the rows.",
                    count=sum(counts.values()),
                    words=", ".join(names),
                )
            )
        if wordless:
            sentences.append(
                self.env._(
                    "Rows of which the channel does not tell what they are: %s. Choose kind and account on"
                    " them.",
                    wordless,
                )
            )
        return sentences

    def action_accept_difference(self):
        """Book what is missing or too much as a difference, if it is small enough."""
        self._check_manager()
        for payout in self:
            payout._lock()
            payout._accept_difference()

    def _accept_difference(self):
        self.ensure_one()
        channel = self.channel_id
        money = self.currency_id.format
        if not self.difference:
            return
        if not channel.rounding_account_id:
            raise UserError(self.env._("%s has no account for differences. Choose one first.", channel.name))
        if not self.may_accept:
            raise UserError(
                self.env._(
                    "The difference is %(difference)s; at most %(limit)s can be accepted (a setting of"
                    " %(channel)s).",
                    difference=money(self.difference),
                    limit=money(channel.rounding_limit),
                    channel=channel.name,
                )
            )
        self.message_post(body=self.env._("A difference of %s was accepted.", money(self.difference)))
        self.line_ids = [
            Command.create(
                {
                    "kind": "rounding",
                    "account_id": channel.rounding_account_id.id,
                    "amount": self.difference,
                    "date": self.date,
                    "text": self.env._("Accepted difference"),
                }
            )
        ]

    def action_accept_totals(self):
        """Accept that the channel's sums differ from its rows, when the rows come to what was paid."""
        self._check_manager()
        for payout in self:
            if payout.difference:
                raise UserError(
                    self.env._("The rows of %s do not come to what was paid.", payout.display_name)
                )
            payout.totals_accepted = True
            payout.message_post(body=self.env._("The channel's sums were accepted as they are."))

    def action_leave_out(self):
        """Put payouts aside that are not to be booked here: booked elsewhere, or in another currency."""
        self.check_access("write")
        self._check_manager()
        for payout in self:
            payout._lock()
            if payout.move_id:
                raise UserError(self.env._("%s is booked. Undo it first.", payout.name))
            payout.ignored = True

    def action_take_in(self):
        """Have payouts that were left out booked after all."""
        self.check_access("write")
        self._check_manager()
        self.ignored = False

    def _check_manager(self):
        """Refuse those who may not decide what is booked in another way than by the rows."""
        if not (self.env.su or self.env.user.has_group("account.group_account_manager")):
            raise AccessError(self.env._("Only accounting administrators may do this."))
