"""The operations of the services, from what was asked to what is answered."""

import hmac
import sys
from dataclasses import dataclass, field

from plumbing import Answer

from . import customers, ledger, orders, products, soap
from .faults import Fault
from .office import Office
from .soap import Asked, unable

# These say who somebody is, or ask whether they may.
_WITHOUT_SESSION = ("Login", "HasSession", "GetIdentitiesWithCredential")
NOT_AUTHENTICATED = "Client is not authenticated on this identity"


@dataclass
class Call:
    """`service` is the simulator; `office` the company that the session is in, None without one."""

    service: object
    session: str
    values: dict = field(default_factory=dict)
    fault: Fault | None = None
    office: Office | None = None


def answer(service, asked: Asked, session: str, fault: Fault | None) -> Answer:
    """The true answer of a call, which is counted, or a refusal."""
    try:
        service.count(asked)
        if asked.refusal:
            raise asked.refusal
        call = Call(service, session, asked.values, fault, service.office_of(session))
        if not call.office and asked.operation not in _WITHOUT_SESSION:
            raise unable(NOT_AUTHENTICATED)
        result = _OPERATIONS[asked.service, asked.operation](call)
        return soap.result_answer(asked.service, asked.operation, result)
    except soap.Fault as refusal:
        if refusal.rule:
            service.complain(asked, [(refusal.rule, str(refusal).rpartition("---> ")[2])])
        return soap.fault_answer(refusal)
    except Exception as error:
        # As the services do when their own code fails; the text is for whoever runs the simulator.
        print(f"{asked.service}/{asked.operation}: {error!r}", file=sys.stderr, flush=True)
        return soap.fault_answer(unable("Object reference not set to an instance of an object."))


# -- Authenticate -----------------------------------------------------------------------------------------


def _is_known(call: Call) -> bool:
    """Whether user and password are right; a fault when the application is not known, or asks too often."""
    told = call.values.get("credential", {})
    if told.get("ApplicationId") != call.service.application:
        raise unable("Your application id is not registered.")
    user, password = told.get("Username", ""), told.get("Password", "")
    if not call.service.may_log_in(user):
        raise unable("Too many log-ins with the same credentials. Keep the session.")
    right = call.service.password.encode()
    return user == call.service.user and hmac.compare_digest(right, password.encode())


def _login(call: Call) -> str:
    if not _is_known(call):
        return ""
    identity = call.values["credential"].get("IdentityId")
    open_offices = [office for office in call.service.offices.values() if not office.blocked]
    if identity:
        open_offices = [office for office in open_offices if office.identity == identity]
    if not open_offices:
        raise unable("IdentityId is blocked. Please use GetIdentitiesWithCredential")
    return call.service.open_session(open_offices[0])


def _identity(call: Call, office: Office) -> dict:
    default = next(iter(call.service.offices.values()))
    return {
        "Id": office.identity,
        "User": {"ContactId": 5, "Id": call.service.user_id, "Name": "API", "EmployeeId": 1},
        "Client": {"Id": office.id, "Name": office.name},
        "IsCurrent": office is call.office,
        "IsDefault": office is default,
        "IsProtected": False,
        "IsDisabled": office.blocked,
    }


def _identities(call: Call) -> list:
    return [_identity(call, office) for office in call.service.offices.values()]


def _set_identity(call: Call) -> bool:
    for office in call.service.offices.values():
        if office.identity == call.values.get("identityId") and not office.blocked:
            call.service.enter(call.session, office)
            return True
    return False


# -- Account and Client -----------------------------------------------------------------------------------


def _tax_codes(call: Call) -> list:
    if not call.office.accounting:
        raise unable(NOT_AUTHENTICATED)
    return [
        {
            "TaxId": code.id,
            "TaxNo": code.number,
            "TaxName": code.name,
            "TaxRate": code.rate,
            "AccountNo": code.account,
        }
        for code in ledger.TAX_CODES
    ]


def _information(call: Call) -> dict:
    return {
        "Country": "SE",
        "IsUsingFactoring": False,
        "Name": call.office.name,
        "ReminderDays": 10,
        "ReminderDays2": 10,
        "ReminderDays3": 10,
        "UserId": 5,
        "OrganizationNumber": call.office.organization_number,
        "DefaultCurrency": "SEK",
    }


def _sale_types(call: Call) -> list:
    module = call.values["module"]
    return [
        {"AccountId": each.account_id, "Id": each.id, "Name": each.name}
        for each in ledger.SALE_TYPES
        if module in ("All", each.module)
    ]


def _vat_types(_call: Call) -> list:
    return [{"No": int(code.number), "Name": code.name, "Rate": code.rate} for code in ledger.TAX_CODES]


def _currencies(_call: Call) -> list:
    return [
        {"Symbol": symbol, "Id": number, "Rate": rate, "Unit": unit}
        for symbol, number, rate, unit in ledger.CURRENCIES
    ]


def _listed(pairs: tuple):
    return lambda _call: [{"Id": number, "Name": name} for number, name in pairs]


_OPERATIONS = {
    ("Authenticate", "Login"): _login,
    ("Authenticate", "HasSession"): lambda call: call.office is not None,
    ("Authenticate", "GetIdentity"): lambda call: _identity(call, call.office),
    ("Authenticate", "GetIdentities"): _identities,
    ("Authenticate", "GetIdentitiesWithCredential"): lambda call: (
        _identities(call) if _is_known(call) else []
    ),
    ("Authenticate", "SetIdentityById"): _set_identity,
    ("Company", "GetCompanies"): customers.get,
    ("Company", "SaveCompanies"): customers.save,
    ("Company", "GetCompanySyncList"): customers.sync_page,
    ("Product", "GetProducts"): products.get_products,
    ("Product", "SaveProducts"): products.save_products,
    ("Product", "GetCategories"): products.get_categories,
    ("Product", "SaveCategories"): products.save_categories,
    ("InvoiceOrder", "GetInvoices"): orders.get,
    ("InvoiceOrder", "SaveInvoices"): orders.save,
    ("InvoiceOrder", "UpdateInvoices"): orders.update,
    ("InvoiceOrder", "GetOrderSyncList"): orders.sync_list,
    ("InvoiceOrder", "GetPaymentMethods"): _listed(ledger.PAYMENT_METHODS),
    ("Account", "GetTaxCodeList"): _tax_codes,
    ("Client", "GetClientInformation"): _information,
    ("Client", "GetCurrencyList"): _currencies,
    ("Client", "GetDepartmentList"): _listed(ledger.DEPARTMENTS),
    ("Client", "GetTypeGroupList"): _sale_types,
    ("Client", "GetVatTypeList"): _vat_types,
}
