"""24SevenOffice's operations and types as tables: what a message holds, in which order, and of which kind.

Source: the WSDLs of the services, and for the greatest lengths of texts the vendor's description of its data
types. An element's ``unset`` is the WSDL's default: what stands for "not set" when the element is left out.
"""

from dataclasses import dataclass
from functools import cached_property

NAMESPACE = "http://24sevenOffice.com/webservices"

AUTHENTICATE = "/authenticate/v001/authenticate.asmx"
COMPANY_SERVICE = "/CRM/Company/V001/CompanyService.asmx"
PRODUCT_SERVICE = "/Logistics/Product/V001/ProductService.asmx"
INVOICE_SERVICE = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
ACCOUNT_SERVICE = "/Economy/Account/V004/Accountservice.asmx"
CLIENT_SERVICE = "/Client/V001/ClientService.asmx"

NO_INT = "-2147483648"
NO_SHORT = "-32768"
NO_DECIMAL = "-79228162514264337593543950335"
NO_DOUBLE = "-1.7976931348623157E+308"
NO_DATE = "0001-01-01T00:00:00"
NO_GUID = "00000000-0000-0000-0000-000000000000"
#: Defaults that are no values: an element that holds one is as one that is absent
SENTINELS = {
    "int": NO_INT,
    "short": NO_SHORT,
    "decimal": NO_DECIMAL,
    "double": NO_DOUBLE,
    "dateTime": NO_DATE,
    "guid": NO_GUID,
}


@dataclass(frozen=True)
class Enum:
    """A type of a few values.

    :ivar values: in the WSDL's order
    """

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Complex:
    """A type of several elements.

    :ivar elements: in the WSDL's order, which is that of a message
    """

    name: str
    elements: tuple["Element", ...]

    @cached_property
    def by_name(self) -> dict[str, "Element"]:
        """The elements by their names."""
        return {element.name: element for element in self.elements}


@dataclass(frozen=True)
class Element:
    """An element of a message.

    :ivar kind: a kind of XML Schema (``string``, ``int``, ``short``, ``long``, ``decimal``, ``double``,
        ``boolean``, ``dateTime``, ``guid``, ``base64Binary``), or ``enum``, ``complex``, ``list``
    :ivar of: the type of an ``enum`` or ``complex``, the element that a ``list`` repeats
    :ivar longest: characters that a text may have, None when that is not known
    :ivar required: it may not be left out
    :ivar nillable: it may say that there is no value
    :ivar unset: the default as the WSDL writes it, None when there is none
    """

    name: str
    kind: str
    of: "Complex | Enum | Element | None" = None
    longest: int | None = None
    required: bool = False
    nillable: bool = False
    unset: str | None = None


@dataclass(frozen=True)
class Operation:
    """A call.

    :ivar service: the path of its service
    :ivar request: the elements that it is given, in the WSDL's order
    :ivar result: the element that its answer holds
    :ivar safe: it only reads, so it may be sent twice
    """

    name: str
    service: str
    request: tuple[Element, ...]
    result: Element
    safe: bool = True

    @property
    def action(self) -> str:
        """The SOAPAction."""
        return f"{NAMESPACE}/{self.name}"

    @cached_property
    def arguments(self) -> Complex:
        """The request as a type."""
        return Complex(self.name, self.request)


# -- how the tables are written ---------------------------------------------------------------------------


def _enum(name: str, values: str) -> Enum:
    return Enum(name, tuple(values.split()))


def _text(name: str, longest: int | None = None, unset: str | None = "") -> Element:
    return Element(name, "string", longest=longest, unset=unset)


def _plain(name: str, longest: int | None = None) -> Element:
    """A text without a default: it is absent or it is told."""
    return _text(name, longest, unset=None)


def _int(name: str, unset: str = NO_INT) -> Element:
    return Element(name, "int", unset=unset)


def _short(name: str, unset: str = NO_SHORT) -> Element:
    return Element(name, "short", unset=unset)


def _decimal(name: str, unset: str = NO_DECIMAL) -> Element:
    return Element(name, "decimal", unset=unset)


def _date(name: str) -> Element:
    return Element(name, "dateTime", unset=NO_DATE)


def _guid(name: str) -> Element:
    return Element(name, "guid", unset=NO_GUID)


def _no(name: str) -> Element:
    """A boolean that is false when it is left out."""
    return Element(name, "boolean", unset="false")


def _maybe(name: str, kind: str = "boolean", required: bool = False) -> Element:
    """A value that can be nil."""
    return Element(name, kind, required=required, nillable=True)


def _must(name: str, kind: str) -> Element:
    return Element(name, kind, required=True)


def _one_of(name: str, of: Enum, unset: str) -> Element:
    return Element(name, "enum", of, unset=unset)


def _a(name: str, of: Complex) -> Element:
    return Element(name, "complex", of)


def _many(name: str, of: Complex | Enum | str) -> Element:
    """A list. In it, each value's element has the name of the type."""
    if isinstance(of, Complex):
        item = Element(of.name, "complex", of, nillable=True)
    elif isinstance(of, Enum):
        item = Element(of.name, "enum", of)
    else:
        item = Element(of, of, nillable=of == "string")
    return Element(name, "list", item)


# -- types of several services ----------------------------------------------------------------------------

API_EXCEPTION = Complex("APIException", (_plain("Type"), _plain("Message"), _plain("StackTrace")))


def _address(postal_code: int) -> Complex:
    return Complex(
        "Address",
        (
            _plain("Street", 250),
            _plain("State", 100),
            _plain("PostalCode", postal_code),
            _plain("PostalArea", 100),
            _plain("Name", 100),
            _plain("City", 100),
            _plain("Country", 2),
        ),
    )


ADDRESS = _address(postal_code=16)
ORDER_INVOICE_ADDRESS = _address(postal_code=50)


def _addresses(invoice: Complex) -> Complex:
    return Complex(
        "Addresses",
        (_a("Post", ADDRESS), _a("Delivery", ADDRESS), _a("Visit", ADDRESS), _a("Invoice", invoice)),
    )


# -- Authenticate -----------------------------------------------------------------------------------------

CREDENTIAL = Complex(
    "Credential",
    (_must("ApplicationId", "guid"), _guid("IdentityId"), _plain("Password"), _plain("Username")),
)
USER = Complex("User", (_int("ContactId"), _guid("Id"), _text("Name"), _int("EmployeeId")))
CLIENT = Complex("Client", (_must("Id", "long"), _plain("Name")))
SERVER = Complex("Server", (_must("Id", "int"), _must("Type", "int")))
IDENTITY = Complex(
    "Identity",
    (
        _must("Id", "guid"),
        _a("User", USER),
        _a("Client", CLIENT),
        _must("IsCurrent", "boolean"),
        _must("IsDefault", "boolean"),
        _must("IsProtected", "boolean"),
        _many("Servers", SERVER),
        _no("IsDisabled"),
    ),
)

# -- Company ----------------------------------------------------------------------------------------------

COMPANY_TYPE = _enum("CompanyType", "None Lead Consumer Business Supplier")
COMPANY_DISTRIBUTION = _enum("DistributionMethod", "Unchanged Print EMail ElectronicInvoice Default")
CURRENCY_TYPE = _enum(
    "CurrencyType",
    """
    LOCAL AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP
    BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN
    ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD
    JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP
    MRO MTL MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SKK SLL SOS SRD STD SYP SZL THB TJS TMT TND TOP TRY TTD TWD
    TZS UAH UGX USD UYU UZS VEF VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XFU XOF XPD XPF XPT XTS
    XXX YER ZAR ZMK ZWL ZWD
    """,
)
PHONE_NUMBER = Complex("PhoneNumber", (_plain("Description"), _plain("Value")))
PHONE_NUMBERS = Complex(
    "PhoneNumbers", tuple(_a(name, PHONE_NUMBER) for name in ("Home", "Fax", "Mobile", "Primary", "Work"))
)
EMAIL_ADDRESS = Complex("EmailAddress", (_plain("Description"), _plain("Name"), _plain("Value")))
EMAIL_ADDRESSES = Complex(
    "EmailAddresses",
    tuple(_a(name, EMAIL_ADDRESS) for name in ("Home", "Invoice", "Primary", "Work", "Alternative")),
)
RELATION = Complex(
    "Relation",
    (
        _int("ContactId"),
        _int("CompanyId"),
        _text("FirstName"),
        _text("LastName"),
        _text("Role"),
        _int("RoleId"),
        _a("PhoneNumbers", PHONE_NUMBERS),
        _a("EmailAddresses", EMAIL_ADDRESSES),
        _text("Fax"),
    ),
)
COMPANY_MAP = Complex(
    "CompanyMap", (_must("MapType", "int"), _plain("ExternalId"), _must("CompanyId", "int"))
)
COMPANY = Complex(
    "Company",
    (
        _a("APIException", API_EXCEPTION),
        _int("Id"),
        _text("ExternalId"),
        _text("OrganizationNumber", 20),
        _text("Name", 200),
        _text("FirstName", 50),
        _text("NickName", 200),
        _a("Addresses", _addresses(invoice=ADDRESS)),
        _a("PhoneNumbers", PHONE_NUMBERS),
        _a("EmailAddresses", EMAIL_ADDRESSES),
        _text("Url", 255),
        _text("Country", 2),
        _text("Note"),
        _text("InvoiceLanguage", 2),
        _one_of("Type", COMPANY_TYPE, "None"),
        _text("Username"),
        _text("Password"),
        _date("IncorporationDate"),
        _date("DateCreated"),
        _int("Status"),
        _int("PriceList"),
        _int("Owner"),
        _text("BankAccountNo"),
        _text("BankAccountType"),
        _text("BankAccountCountry"),
        _text("BankAccountBic"),
        _int("TermsOfDeliveryId"),
        _short("AccountDebit", "0"),
        _short("AccountCredit", "0"),
        _decimal("Discount", "0.0"),
        _int("TypeGroup"),
        _decimal("ShareCapital"),
        _int("NumberOfEmployees"),
        _decimal("Turnover"),
        _decimal("Profit"),
        _int("IndustryId"),
        _int("MemberNo"),
        _date("DateChanged"),
        _no("BlockInvoice"),
        _many("Relations", RELATION),
        _many("Maps", COMPANY_MAP),
        _one_of("DistributionMethod", COMPANY_DISTRIBUTION, "Unchanged"),
        _one_of("CurrencyId", CURRENCY_TYPE, "LOCAL"),
        _short("PaymentTime"),
        _text("GlnNumber", 13),
        _maybe("Factoring"),
        _short("LedgerCustomerAccount"),
        _short("LedgerSupplierAccount"),
        _text("VatNumber"),
        _maybe("Private"),
        _maybe("ExplicitlySpecifyNewCompanyId"),
    ),
)
COMPANY_SEARCH = Complex(
    "CompanySearchParameters",
    (
        _plain("ExternalId"),
        _int("CompanyId"),
        _many("CompanyIds", "int"),
        _text("CompanyName"),
        _date("ChangedAfter"),
        _text("CompanyEmail"),
        _text("CompanyPhone"),
        _text("OrganizationNumber"),
    ),
)
COMPANY_SYNC = Complex(
    "SyncSearchParameters",
    (_int("Page"), _maybe("Active", required=True), _date("ChangedAfter"), _date("RegisteredAfter")),
)
SYNC_COMPANY = Complex(
    "SyncCompany",
    (
        _int("CompanyId"),
        _text("ExternalId"),
        _date("DateChanged"),
        _must("DateRegistered", "dateTime"),
        _must("Active", "boolean"),
    ),
)
# Of its elements Context is left out: it has no type, and we have no use for it.
COMPANY_PAGE = Complex(
    "PageOfSyncCompany",
    (
        _must("CurrentPage", "long"),
        _must("TotalPages", "long"),
        _must("TotalItems", "long"),
        _must("ItemsPerPage", "long"),
        _many("Items", SYNC_COMPANY),
    ),
)

# -- Product ----------------------------------------------------------------------------------------------

PRODUCT = Complex(
    "Product",
    (
        Element("CashPriceIncTax", "double", unset=NO_DOUBLE),
        _decimal("WebPrice"),
        _int("SupplierId"),
        _int("Id"),
        _text("Name", 125),
        _decimal("TaxRate"),
        _decimal("Stock"),
        _int("StatusId"),
        _int("CategoryId"),
        _int("PriceGroupID"),
        _decimal("InPrice"),
        _text("Description", 500),
        _text("DescriptionLong"),
        _decimal("Cost"),
        _text("EAN1", 50),
        _decimal("Price"),
        _text("No", 100),
        _date("DateChanged"),
        _a("APIException", API_EXCEPTION),
        _decimal("Weight"),
        _decimal("MinimumStock"),
        _decimal("OrderProposal"),
        _text("StockLocation"),
        _text("SupplierProductCode"),
        _text("SupplierProductName"),
        _maybe("Web"),
        _text("ProductCode"),
        _maybe("StockControlled"),
        _maybe("NewOffer"),
        _maybe("NewProduct"),
    ),
)
PRODUCT_SEARCH = Complex(
    "ProductSearchParameters",
    (
        _int("Id"),
        _int("CategoryId"),
        _text("No"),
        _text("EAN1"),
        _text("Name"),
        _decimal("Price"),
        _date("DateChanged"),
        _many("ProductIds", "int"),
    ),
)
CATEGORY = Complex(
    "Category",
    (_int("Id"), _text("Name"), _text("No"), _int("ParentId"), _a("APIException", API_EXCEPTION)),
)

# -- InvoiceOrder -----------------------------------------------------------------------------------------

ORDER_STATE = _enum(
    "OrderSlipStateType",
    """
    None Offer Pack Invoiced Web Repeating CollectingOrder Return Distribution Rest ForInvoicing
    OvertimeRent Confirmed OrderState_Sent Production PaymentReminder OnAccount Lending
    InvoicedCashAccount InvoicedPack Inactive Hours OrderState_SuperStore Draft
    """,
)
DISTRIBUTOR = _enum("Distributor", "Default Manual Auto")
ORDER_DISTRIBUTION = _enum("DistributionMethod", "Unchanged Print EMail ElectronicInvoice")
CHANGE_STATE = _enum("ChangeState", "None Add Edit Delete")
ROW_TYPE = _enum("RowType", "Normal Text TextBold")

ORDER_CURRENCY = Complex("Currency", (_decimal("Rate", "1"), _short("Unit", "1"), _text("Symbol")))
DELIVERY_METHOD = Complex("DeliveryMethod", (_int("Id"), _text("Description")))
DIMENSION = Complex("UserDefinedDimension", (_int("TypeId"), _text("Name"), _text("Value")))
TAX_SETTINGS = Complex("TaxSettings", (_int("TaxAccount"), _int("TaxCode"), _decimal("TaxRate")))
INVOICE_ROW = Complex(
    "InvoiceRow",
    (
        _int("ProductId"),
        _int("RowId"),
        _decimal("VatRate"),
        _decimal("Price"),
        _text("Name", 300),
        _decimal("DiscountRate"),
        _decimal("Quantity"),
        _decimal("QuantityDelivered"),
        _decimal("QuantityOrdered"),
        _decimal("QuantityRest"),
        _decimal("Cost"),
        _one_of("ChangeState", CHANGE_STATE, "None"),
        _int("TypeGroupId"),
        _short("SequenceNumber"),
        _no("Hidden"),
        _one_of("Type", ROW_TYPE, "Normal"),
        _decimal("InPrice"),
        _date("AccrualDate"),
        _int("AccrualLength"),
        _maybe("AccountProject"),
        _int("ProjectId"),
        _int("DepartmentId"),
        _text("ProductNo"),
        _a("TaxSettings", TAX_SETTINGS),
        _many("UserDefinedDimensions", DIMENSION),
        _plain("SerialNumber"),
    ),
)
INVOICE_ORDER = Complex(
    "InvoiceOrder",
    (
        _int("OrderId"),
        _int("CustomerId"),
        _text("CustomerName", 100),
        _plain("CustomerDeliveryName", 250),
        _text("CustomerDeliveryPhone", 25),
        _a("Addresses", _addresses(invoice=ORDER_INVOICE_ADDRESS)),
        _one_of("OrderStatus", ORDER_STATE, "Web"),
        _int("InvoiceId"),
        _date("DateOrdered"),
        _date("DateInvoiced"),
        _date("DateChanged"),
        _int("PaymentTime"),
        _text("CustomerReferenceNo"),
        _int("ProjectId"),
        _int("OurReference"),
        _maybe("IncludeVAT", required=True),
        _text("YourReference", 50),
        _decimal("OrderTotalIncVat"),
        _decimal("OrderTotalVat"),
        _text("InvoiceTitle", 300),
        _text("InvoiceText", 750),
        _date("Paid"),
        _text("OCR", 32),
        _text("CustomerOrgNo", 20),
        _a("Currency", ORDER_CURRENCY),
        _int("PaymentMethodId"),
        _decimal("PaymentAmount"),
        _int("ProductionManagerId"),
        _int("SalesOpportunityId"),
        _int("TypeOfSaleId"),
        _one_of("Distributor", DISTRIBUTOR, "Default"),
        _one_of("DistributionMethod", ORDER_DISTRIBUTION, "Unchanged"),
        _int("DepartmentId"),
        _int("ExternalStatus"),
        _text("InvoiceEmailAddress", 250),
        _many("InvoiceRows", INVOICE_ROW),
        _a("APIException", API_EXCEPTION),
        _text("ProductionNumber", 20),
        _date("DeliveryDate"),
        _int("ReferenceInvoiceId"),
        _int("ReferenceOrderId"),
        _text("ReferenceNumber", 50),
        _no("SkipStock"),
        _date("AccrualDate"),
        _int("AccrualLength"),
        _decimal("RoundFactor"),
        _guid("InvoiceTemplateId"),
        _text("VippsNumber"),
        _a("DeliveryMethod", DELIVERY_METHOD),
        _text("DeliveryAlternative", 250),
        _maybe("SendToFactoring"),
        _decimal("Commission"),
        _many("UserDefinedDimensions", DIMENSION),
        _text("GLNNumber", 13),
        _int("CustomerDeliveryId"),
    ),
)
INVOICE_SEARCH = Complex(
    "InvoiceSearchParameters",
    (
        _many("CustomerIds", "int"),
        _date("ChangedAfter"),
        _many("OrderStates", ORDER_STATE),
        _many("InvoiceIds", "int"),
        _many("OrderIds", "int"),
        _many("ExternalStatus", "int"),
    ),
)
DOCUMENT_SEARCH = Complex("InvoiceDocumentSearchParameters", (_must("InvoiceId", "int"), _guid("TemplateId")))

# -- Account and Client -----------------------------------------------------------------------------------

TAX_CODE = Complex(
    "TaxCodeElement",
    (
        _must("TaxId", "int"),
        _plain("TaxNo"),
        _plain("TaxName"),
        _must("TaxRate", "decimal"),
        _maybe("AccountNo", "short"),
    ),
)
VAT_TYPE = Complex("VatType", (_must("No", "int"), _plain("Name"), _must("Rate", "decimal")))
TYPE_GROUP_MODULE = _enum("TypeGroupModule", "All Sale Purchase")
ACCOUNTING_GROUP = Complex("AccountingGroup", (_must("AccountId", "int"), _must("Id", "int"), _plain("Name")))
CLIENT_CURRENCY = Complex(
    "Currency", (_plain("Symbol"), _must("Id", "int"), _must("Rate", "decimal"), _must("Unit", "int"))
)

# -- operations -------------------------------------------------------------------------------------------

_PROPERTIES = _many("returnProperties", "string")
_CREDENTIAL = _a("credential", CREDENTIAL)
_MODULE = Element("module", "enum", TYPE_GROUP_MODULE, required=True)

#: By name. To log in is not safe: who does it often is slowed down or turned away
OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("Login", AUTHENTICATE, (_CREDENTIAL,), _plain("LoginResult"), safe=False),
        Operation("HasSession", AUTHENTICATE, (), _must("HasSessionResult", "boolean")),
        Operation("GetIdentities", AUTHENTICATE, (), _many("GetIdentitiesResult", IDENTITY)),
        Operation(
            "GetIdentitiesWithCredential",
            AUTHENTICATE,
            (_CREDENTIAL,),
            _many("GetIdentitiesWithCredentialResult", IDENTITY),
            safe=False,
        ),
        Operation(
            "SetIdentityById",
            AUTHENTICATE,
            (_must("identityId", "guid"),),
            _must("SetIdentityByIdResult", "boolean"),
            safe=False,
        ),
        Operation(
            "GetCompanies",
            COMPANY_SERVICE,
            (_a("searchParams", COMPANY_SEARCH), _PROPERTIES),
            _many("GetCompaniesResult", COMPANY),
        ),
        Operation(
            "SaveCompanies",
            COMPANY_SERVICE,
            (_many("companies", COMPANY),),
            _many("SaveCompaniesResult", COMPANY),
            safe=False,
        ),
        Operation(
            "GetCompanySyncList",
            COMPANY_SERVICE,
            (_a("syncSearchParameters", COMPANY_SYNC),),
            _a("GetCompanySyncListResult", COMPANY_PAGE),
        ),
        Operation(
            "GetProducts",
            PRODUCT_SERVICE,
            (_a("searchParams", PRODUCT_SEARCH), _PROPERTIES),
            _many("GetProductsResult", PRODUCT),
        ),
        Operation(
            "SaveProducts",
            PRODUCT_SERVICE,
            (_many("products", PRODUCT),),
            _many("SaveProductsResult", PRODUCT),
            safe=False,
        ),
        Operation("GetCategories", PRODUCT_SERVICE, (_PROPERTIES,), _many("GetCategoriesResult", CATEGORY)),
        Operation(
            "SaveCategories",
            PRODUCT_SERVICE,
            (_many("categories", CATEGORY),),
            _many("SaveCategoriesResult", CATEGORY),
            safe=False,
        ),
        Operation(
            "GetInvoices",
            INVOICE_SERVICE,
            (
                _a("searchParams", INVOICE_SEARCH),
                _many("invoiceReturnProperties", "string"),
                _many("rowReturnProperties", "string"),
            ),
            _many("GetInvoicesResult", INVOICE_ORDER),
        ),
        Operation(
            "SaveInvoices",
            INVOICE_SERVICE,
            (_many("invoices", INVOICE_ORDER),),
            _many("SaveInvoicesResult", INVOICE_ORDER),
            safe=False,
        ),
        Operation(
            "GetInvoiceDocument",
            INVOICE_SERVICE,
            (_a("Parameters", DOCUMENT_SEARCH),),
            Element("GetInvoiceDocumentResult", "base64Binary"),
        ),
        Operation("GetTaxCodeList", ACCOUNT_SERVICE, (), _many("GetTaxCodeListResult", TAX_CODE)),
        Operation("GetVatTypeList", CLIENT_SERVICE, (), _many("GetVatTypeListResult", VAT_TYPE)),
        Operation(
            "GetTypeGroupList", CLIENT_SERVICE, (_MODULE,), _many("GetTypeGroupListResult", ACCOUNTING_GROUP)
        ),
        Operation("GetCurrencyList", CLIENT_SERVICE, (), _many("GetCurrencyListResult", CLIENT_CURRENCY)),
    )
}
