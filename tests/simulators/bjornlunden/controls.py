"""What can be told to the simulator over HTTP. A company that is not named is the first one."""

from plumbing.service import CONTROLS as USUAL


def _named(service, told: dict) -> tuple:
    """(key of the company, what else is told)."""
    told = dict(told)
    return told.pop("key", next(iter(service.companies), "")), told


def _settings(service, told: dict) -> dict:
    _key, told = _named(service, told)
    return service.set(**told)


def _connect(on: bool):
    def work(service, told: dict) -> dict:
        key, told = _named(service, told)
        called = service.connect(key, on, told.get("callback"))
        return {"key": service.company(key).key, "connected": on, "callback": called}

    return work


def _period(service, told: dict) -> dict:
    key, told = _named(service, told)
    return service.lock_period(key, told["period"], told.get("locked", True) not in (False, "", "0"))


def _company(service, told: dict) -> dict:
    key, told = _named(service, told)
    return service.change(key, **told).binding()


def _item(section: str):
    """Adds or changes one item of a company: {"key": …, "id": …, …}."""

    def work(service, told: dict) -> dict:
        key, item = _named(service, told)
        company = service.change(service.company(key).key, **{section: [item]})
        return {"key": company.key, section: [item]}

    return work


def _expire(service, _told: dict) -> dict:
    service.expire_tokens()
    return {}


CONTROLS = {
    **USUAL,
    "settings": _settings,
    "company": _company,
    "connect": _connect(True),
    "disconnect": _connect(False),
    "period": _period,
    "account": _item("accounts"),
    "journal": _item("journals"),
    "financialyear": _item("financialYears"),
    "costcenter": _item("costCenters"),
    "costbearer": _item("costBearers"),
    "project": _item("projects"),
    "expire-tokens": _expire,
}
