from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

from psycopg2.errors import ExclusionViolation

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.brp_connector.models.at_once import own_transaction

from .brp_slot import at_the_same_time


class Occupancy(models.Model):
    """A place of a resource that is taken for some time: by a booking, by a closing, or held for a while.

    That no place is taken twice is the database's own rule: it holds for any number of processes, whatever
    their code. What is free is what no row is about; to make a place free is to delete its row.
    """

    _name = "brp.occupancy"
    _description = "Taken Place"
    _order = "start, resource_id, place"
    _log_access = False

    resource_id = fields.Many2one("brp.resource", required=True, ondelete="cascade")
    place = fields.Integer(required=True, help="Which of the resource's places, from 1.")
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    slot_id = fields.Many2one("brp.slot", index="btree_not_null", ondelete="cascade")
    booking_id = fields.Many2one("brp.booking", index="btree_not_null", ondelete="cascade")
    block_id = fields.Many2one("brp.block", index="btree_not_null", ondelete="cascade")
    hold = fields.Char(index="btree_not_null", help="For whom it is held who has not booked yet.")
    expires = fields.Datetime(help="When it is no longer held.")
    undecided = fields.Boolean(
        help="It is held for somebody who has not decided yet: others may have it in a while. Otherwise an"
        " order is being made of it."
    )

    # A range of one number equals itself: so no extension of PostgreSQL is needed for an ordinary comparison.
    _taken_once = models.Constraint(
        "EXCLUDE USING gist (int4range(resource_id, resource_id, '[]') WITH &&,"
        " int4range(place, place, '[]') WITH &&, tsrange(start, stop) WITH &&)",
        "The place is taken at that time.",
    )
    _resource_time = models.Index("(resource_id, start)")
    _held = models.Index("(expires) WHERE expires IS NOT NULL")

    @contextmanager
    def _at_once(self):
        """Give the model in a short transaction of its own, which sees what others have just done.

        An ordinary transaction of Odoo sees nothing that others do after it began.
        """
        with own_transaction(self.env) as env:
            yield self.with_env(env)

    @api.model
    def _hold(self, key, wanted, minutes, undecided=False, only=True):
        """Hold places for whoever has the key, at once and for all to see.

        What the key holds already is held on, or let go of if it is no longer wanted.

        :param wanted: [(slot id, number of places)]
        :param minutes: how long
        :param undecided: whether whoever has the key may come back without wanting them
        :param only: whether what the key holds of other slots is let go of, or held on
        :return: ({slot id: ids of rows} of all that is wanted, {}); or ({}, {slot id: (free places, places
            that others hold)}) of the slots that have not enough, and nothing more is held than before
        """
        expires = fields.Datetime.now() + timedelta(minutes=minutes)
        with self._at_once() as own:
            slots = own.env["brp.slot"].browse([slot for slot, _count in wanted])
            own._lock(slots.resource_id)
            if only:
                own._free_held(key, but_for=slots)
            else:
                own._prolong_held(key, expires)
            held, short = {}, {}
            for slot_id, count in wanted:
                slot = slots.browse(slot_id)
                rows = own._hold_on(key, slot, count, expires, undecided)
                if (missing := count - len(rows)) > 0:
                    rows += slot._take(missing, {"hold": key, "expires": expires, "undecided": undecided})
                if len(rows) < count:
                    short[slot_id] = (len(rows), own._count_undecided(slot, key))
                held[slot_id] = rows
            if short:
                own.env.cr.rollback()
                return {}, short
        return held, {}

    @api.model
    def _get_live_domain(self, key):
        """Return the domain of what a key holds, and has not held for too long."""
        return [("hold", "=", key), ("booking_id", "=", False), ("expires", ">=", fields.Datetime.now())]

    @api.model
    def _get_basket(self, key):
        """Return what is held for a visitor: (Counter {slot: places}, until when in UTC or None)."""
        if not key:
            return Counter(), None
        rows = self.search(self._get_live_domain(key), order="start, slot_id, place")
        return Counter(row.slot_id for row in rows), min(rows.mapped("expires"), default=None)

    def _count_undecided(self, slot, key):
        """Return how many places that could be the slot's are held for others who have not decided yet."""
        return self.search_count(
            [
                ("resource_id", "=", slot.resource_id.id),
                ("start", "<", slot.stop),
                ("stop", ">", slot.start),
                ("hold", "!=", key),
                ("undecided", "=", True),
            ]
        )

    @api.model
    def _let_go(self, key):
        """Free what a key holds, at once."""
        with self._at_once() as own:
            own._free_held(key)

    # What is held may be booked by another transaction just now. So these say in the statement itself that it
    # must not be: then the database looks again when the other one is done.

    def _hold_on(self, key, slot, count, expires, undecided):
        """Hold on to as many places as are wanted of those that the key holds of a time, and free the others.

        :return: the ids of the rows
        """
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE brp_occupancy
                   SET expires = %s, undecided = %s
                 WHERE hold = %s AND slot_id = %s AND booking_id IS NULL
             RETURNING place, id
                """,
                expires,
                undecided,
                key,
                slot.id,
            )
        )
        self.invalidate_model()
        ids = [row for _place, row in sorted(rows)]
        if surplus := ids[count:]:
            self._free_held(key, only=surplus)
        return ids[:count]

    def _prolong_held(self, key, expires):
        """Hold on to what a key holds, and has not held for too long."""
        self.env.execute_query(
            SQL(
                """
                UPDATE brp_occupancy
                   SET expires = %s
                 WHERE hold = %s AND booking_id IS NULL AND expires >= %s
             RETURNING id
                """,
                expires,
                key,
                fields.Datetime.now(),
            )
        )
        self.invalidate_model()

    def _free_held(self, key, but_for=None, only=None):
        """Free what a key holds.

        :param but_for: the times whose places it goes on to hold
        :param only: the ids of the rows to free
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM brp_occupancy
                 WHERE hold = %s AND booking_id IS NULL AND %s AND %s
             RETURNING resource_id, start, stop
                """,
                key,
                SQL("slot_id <> ALL(%s)", but_for.ids) if but_for else SQL("TRUE"),
                SQL("id = ANY(%s)", only) if only else SQL("TRUE"),
            )
        )
        self.invalidate_model()
        self.env["brp.slot"]._note_times(rows)

    @api.model
    def _lock(self, resources):
        """Wait for who else takes places of resources just now.

        They are locked in order, so that nobody waits for each other.
        """
        self.env.cr.execute(
            SQL(
                "SELECT FROM brp_resource WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                sorted(resources.ids),
            ),
            log_exceptions=False,
        )

    @api.model
    def _take(self, resource, start, stop, count, values, within=None):
        """Take places that are free during a time; :meth:`_lock` has been called.

        :param values: who takes them: columns of the rows
        :param within: (slot id, at most so many places of it) if what is taken is a slot's
        :return: the ids of the rows, fewer than asked for when there were not enough places
        """
        self.flush_model()
        self._forget_expired(resource)
        wanted = count
        if within:
            slot, places = within
            [(taken,)] = self.env.execute_query(
                SQL("SELECT COUNT(*) FROM brp_occupancy WHERE slot_id = %s AND block_id IS NULL", slot)
            )
            wanted = min(count, places - taken)
        taken, known = [], set()
        while len(taken) < wanted:
            free = self._find_free(resource, start, stop, wanted - len(taken), known)
            if not free:
                break
            for place in free:
                known.add(place)
                row = self._insert(
                    {"resource_id": resource.id, "place": place, "start": start, "stop": stop, **values}
                )
                if row:
                    taken.append(row)
        self.invalidate_model()
        return taken

    def _find_free(self, resource, start, stop, count, known):
        """Return the numbers of places that no row is about, as far as the transaction sees."""
        return [
            place
            for (place,) in self.env.execute_query(
                SQL(
                    """
                    SELECT place
                      FROM GENERATE_SERIES(1, %(places)s) AS places(place)
                     WHERE place <> ALL(%(known)s::int[])
                       AND NOT EXISTS (
                           SELECT FROM brp_occupancy taken
                            WHERE taken.place = places.place AND %(same_time)s)
                  ORDER BY place
                     LIMIT %(count)s
                    """,
                    places=resource.places,
                    known=list(known),
                    same_time=at_the_same_time("taken", (resource.id, start, stop)),
                    count=count,
                )
            )
        ]

    def _insert(self, values):
        """Return the id of a new row, or nothing if somebody whom the transaction does not see was first."""
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    SQL(
                        "INSERT INTO brp_occupancy (%s) VALUES %s RETURNING id",
                        SQL(", ").join(map(SQL.identifier, values)),
                        tuple(values.values()),
                    ),
                    log_exceptions=False,
                )
                return self.env.cr.fetchone()[0]
        except ExclusionViolation:
            return None

    @api.model
    def _forget_expired(self, resources=None):
        """Free the places that were held for those who did not come back.

        :param resources: of these only
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM brp_occupancy
                 WHERE expires < %s AND booking_id IS NULL AND %s
             RETURNING resource_id, start, stop
                """,
                fields.Datetime.now(),
                SQL("resource_id = ANY(%s)", resources.ids) if resources else SQL("TRUE"),
            )
        )
        self.env["brp.slot"]._note_times(rows)

    @api.autovacuum
    def _gc_expired(self):
        self._forget_expired()

    @api.model
    def _release(self, domain):
        """Free the places of rows."""
        rows = self.search(domain)
        times = [(row.resource_id.id, row.start, row.stop) for row in rows]
        rows.unlink()
        self.env["brp.slot"]._note_times(times)
