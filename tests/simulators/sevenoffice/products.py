"""The Product service: products and their categories."""

from decimal import Decimal

from .items import Refused, changed, check_lengths, check_search, chosen, like, save_all, without
from .office import FIRST_CATEGORY, FIRST_PRODUCT

ACTIVE = 1
USUAL_SALE_TYPE = 1
_IGNORED = ("APIException", "DateChanged", "TaxRate")


def get_products(call) -> list:
    search = call.values.get("searchParams", {})
    check_search(search)
    name = like(search.get("Name", ""), call.service.settings["name_search"] == "exact")
    tests = {
        "Id": lambda p, told: p["Id"] == told,
        "CategoryId": lambda p, told: p["CategoryId"] == told,
        "No": lambda p, told: p["No"] == told,
        "EAN1": lambda p, told: p.get("EAN1") == told,
        "Name": lambda p, _told: bool(name(p["Name"])),
        "Price": lambda p, told: Decimal(p["Price"]) == Decimal(told),
        "DateChanged": lambda p, told: p["DateChanged"] > told,
        "ProductIds": lambda p, told: p["Id"] in told,
    }
    found = [
        product
        for _number, product in sorted(call.office.products.items())
        if all(tests[name](product, told) for name, told in search.items())
    ]
    return chosen(found, "Product", call.values.get("returnProperties"))


def save_products(call) -> list:
    return save_all(call, "products", lambda told: add_product(call.office, told, call.service.now()))


def add_product(office, told: dict, now: str) -> dict:
    """Adds a product, or changes one that has the Id; Refused when that is impossible."""
    new, number = without(told, *_IGNORED), told.get("Id")
    old = office.products.get(number, {})
    if number is not None and not old:
        raise Refused(f"Product {number} does not exist")
    product = changed(old, new)
    if not product.get("Name"):
        raise Refused("Name is missing")
    if product.get("CategoryId") not in office.categories:
        raise Refused(f"Category {product.get('CategoryId', '')} does not exist")
    check_lengths("Product", product)
    number = number or office.number("product", FIRST_PRODUCT)
    usual = {"StatusId": ACTIVE, "Price": "0.0000", "No": str(number), "SaleType": USUAL_SALE_TYPE}
    office.products[number] = {**usual, **product, "Id": number, "DateChanged": now}
    return office.products[number]


def get_categories(call) -> list:
    found = [category for _number, category in sorted(call.office.categories.items())]
    return chosen(found, "Category", call.values.get("returnProperties"))


def save_categories(call) -> list:
    return save_all(call, "categories", lambda told: _add_category(call.office, told))


def _add_category(office, told: dict) -> dict:
    number = told.get("Id")
    old = office.categories.get(number, {})
    if number is not None and not old:
        raise Refused(f"Category {number} does not exist")
    category = changed(old, without(told, "APIException"))
    if not category.get("Name"):
        raise Refused("Name is missing")
    if "ParentId" in category and category["ParentId"] not in office.categories:
        raise Refused(f"Category {category['ParentId']} does not exist")
    number = number or office.number("category", FIRST_CATEGORY)
    office.categories[number] = {**category, "Id": number}
    return office.categories[number]
