from odoo import models
from odoo.tools import SQL, split_every

from odoo.addons.brp_connector.service import ServiceError

from ..orders import Several, choose, company_of, digits_of, likeness_of
from ..soap import COMPANY_PROPERTIES, MessageError, search_text, write
from .office import MASK, SEVERAL, as_service_error

#: So many customers are looked for one by one; for more, the whole register is read
_FEW = 3
#: Customers that one call saves, or gives
_MOST = 100
_PAGE = 1000
# Of a lock, with the connection's id
_TURN = "brp_24seven"


def _forms_of(number):
    """Return how an organisation number may be stored: it is compared as it is there."""
    digits = digits_of(number)
    dashed = f"{digits[:6]}-{digits[6:]}" if len(digits) == 10 else ""
    return list(dict.fromkeys(filter(None, (digits, dashed, search_text(number)))))


class Connection(models.Model):
    """Customers at 24SevenOffice: found, brought up to date or made."""

    _inherit = "brp.connection"

    def _find_seven_customers(self, office, contacts):
        """Find the customers of contacts, make those that are missing, and tell 24SevenOffice what we know.

        :param contacts: {customer: the contact that an invoice is to}
        :return: ({customer: number}, {customer: the error that concerns it alone})
        """
        told = {customer: customer._describe_for_seven(contact) for customer, contact in contacts.items()}
        customers = self.env["res.partner"].concat(*contacts)
        links = self.env["brp.24seven.customer"].sudo()
        numbers = links._get_numbers(self, customers)
        there = self._get_seven_companies(office, set(numbers.values()))
        # One that has been deleted there is looked for again.
        numbers = {customer: number for customer, number in numbers.items() if number in there}
        errors = {}
        missing = [customer for customer in contacts if customer not in numbers]
        if missing:
            self._wait_for_turn()
        found = self._search_seven(office, [told[customer] for customer in missing])
        for customer in missing:
            try:
                number = choose(told[customer], found)
            except Several as several:
                errors[customer] = self._make_several_error(customer, several)
                continue
            if number:
                numbers[customer] = number
        companies, twins, first = {}, {}, {}
        for customer in contacts:
            if customer in errors:
                continue
            likeness = likeness_of(told[customer])
            if customer not in numbers and likeness in first:
                twins[customer] = first[likeness]
                continue
            if customer not in numbers and likeness:
                first[likeness] = customer
            company = company_of(told[customer], numbers.get(customer))
            try:
                # One that cannot be written is not to keep the others back.
                write("SaveCompanies", {"companies": [company]})
            except MessageError as error:
                errors[customer] = as_service_error(error, self.env.lang)
            else:
                companies[customer] = company
        for part in split_every(_MOST, companies, list):
            results = office.save_companies([companies[customer] for customer in part])
            for customer, saved in zip(part, results, strict=True):
                if saved.error:
                    errors[customer] = self._make_item_error(saved.error)
                else:
                    numbers[customer] = saved.id
        for customer, other in twins.items():
            known, of_other = (errors, errors[other]) if other in errors else (numbers, numbers[other])
            known[customer] = of_other
        return numbers, errors

    def _wait_for_turn(self):
        """Wait for who else makes customers or a product there: both would make the same."""
        self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", _TURN, self.id))

    def _get_seven_companies(self, office, numbers):
        """Return {number: customer} of those that are still there."""
        found = {}
        for part in split_every(_PAGE, sorted(numbers), list):
            for company in office.get_companies(COMPANY_PROPERTIES, CompanyIds=part):
                found[company["Id"]] = company
        return found

    def _search_seven(self, office, customers):
        """Return all customers there that may be one of ours, and perhaps some more."""
        if not customers:
            return []
        if len(customers) > _FEW:
            return self._read_seven_register(office)
        found = []
        for customer in customers:
            for number in _forms_of(customer.number):
                found += office.get_companies(COMPANY_PROPERTIES, OrganizationNumber=number)
            if email := search_text(customer.email):
                found += office.get_companies(COMPANY_PROPERTIES, CompanyEmail=email)
            if not customer.email and not customer.number:
                found += office.get_companies(COMPANY_PROPERTIES, ExternalId=customer.key)
        return found

    def _read_seven_register(self, office):
        """Return all customers: a call or two for a thousand of them, instead of two for each."""
        numbers = office.list_companies()
        return list(self._get_seven_companies(office, set(numbers)).values())

    def _make_several_error(self, customer, several):
        names = ", ".join(f"{number} {name}" for number, name in several.found[:10])
        told = self.env._(
            "%(customer)s fits several customers at %(name)s: %(found)s. Choose which one it is, on the"
            " invoice.",
            customer=customer.display_name,
            name=self.name,
            found=names,
        )
        return ServiceError("status", "settings", "no", code=SEVERAL, words=told)

    def _make_item_error(self, error):
        """Return what is wrong with one of several things as the connector's error."""
        return ServiceError(
            "status",
            error.kind or "ours",
            "no",
            code=error.code,
            words=MASK.text(error.message),
            retry_after=error.retry_after,
        )
