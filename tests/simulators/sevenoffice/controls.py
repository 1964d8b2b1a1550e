"""What can be told to the simulator over HTTP. A company that is not named is the first one."""

from plumbing.service import CONTROLS as USUAL


def _does(name: str, *known: str):
    """Calls a method of the simulator with what it is told, by the names that are known."""

    def work(service, told: dict):
        unknown = sorted(set(told) - set(known))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is not known here")
        return getattr(service, name)(**told)

    return work


def _clock(service, told: dict) -> dict:
    return {"now": service.set_clock(told.get("to", ""))}


def _end_sessions(service, _told: dict) -> dict:
    service.end_sessions()
    return {}


CONTROLS = {
    **USUAL,
    "settings": lambda service, told: service.set(**told),
    "clock": _clock,
    "company": _does("change_company", "name", "organization_number", "blocked", "accounting"),
    "customer": _does(
        "add_customer",
        "name",
        "first_name",
        "organization_number",
        "email",
        "phone",
        "external_id",
        "active",
        "company",
    ),
    "product": _does("add_product", "name", "category", "price", "sale_type", "status", "company"),
    "publish": _does("publish", "order", "company"),
    "pay": _does("pay", "order", "day", "company"),
    "delete": _does("delete", "order", "company"),
    "end-sessions": _end_sessions,
}
