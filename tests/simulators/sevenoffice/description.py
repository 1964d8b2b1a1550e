"""The services' operations and types, as their descriptions have them: names, order, types, defaults.

A field is `Name type`, a list `Name type[]`; `!` is required, `?` may be nil, `=x` is what an absent element
means. Of an enumeration that is its first value; of other types it means that nothing is told.
"""

import re
from dataclasses import dataclass

NAMESPACE = "http://24sevenOffice.com/webservices"

# service: where it is. The host is api.24sevenoffice.com.
PATHS = {
    "Authenticate": "/authenticate/v001/authenticate.asmx",
    "Company": "/CRM/Company/V001/CompanyService.asmx",
    "Product": "/Logistics/Product/V001/ProductService.asmx",
    "InvoiceOrder": "/Economy/InvoiceOrder/V001/InvoiceService.asmx",
    "Account": "/Economy/Account/V004/Accountservice.asmx",
    "Client": "/Client/V001/ClientService.asmx",
}

# service: {operation: (what is asked, what it results in)}.
_OPERATIONS = {
    "Authenticate": {
        "Login": ("credential Credential", "string"),
        "HasSession": ("", "boolean"),
        "GetIdentity": ("", "Identity"),
        "GetIdentities": ("", "Identity[]"),
        "GetIdentitiesWithCredential": ("credential Credential", "Identity[]"),
        "SetIdentityById": ("identityId guid!", "boolean"),
    },
    "Company": {
        "GetCompanies": ("searchParams CompanySearchParameters, returnProperties string[]", "Company[]"),
        "SaveCompanies": ("companies Company[]", "Company[]"),
        "GetCompanySyncList": ("syncSearchParameters SyncSearchParameters", "PageOfSyncCompany"),
    },
    "Product": {
        "GetProducts": ("searchParams ProductSearchParameters, returnProperties string[]", "Product[]"),
        "SaveProducts": ("products Product[]", "Product[]"),
        "GetCategories": ("returnProperties string[]", "Category[]"),
        "SaveCategories": ("categories Category[]", "Category[]"),
    },
    "InvoiceOrder": {
        "GetInvoices": (
            "searchParams InvoiceSearchParameters, invoiceReturnProperties string[],"
            "rowReturnProperties string[]",
            "InvoiceOrder[]",
        ),
        "SaveInvoices": ("invoices InvoiceOrder[]", "InvoiceOrder[]"),
        "UpdateInvoices": ("invoices InvoiceOrder[]", "InvoiceOrder[]"),
        "GetOrderSyncList": ("syncParams InvoiceSyncParameters", "int[]"),
        "GetPaymentMethods": ("", "PaymentMethod[]"),
    },
    "Account": {"GetTaxCodeList": ("", "TaxCodeElement[]")},
    "Client": {
        "GetClientInformation": ("", "ClientInformation"),
        "GetCurrencyList": ("", "ClientCurrency[]"),
        "GetDepartmentList": ("", "Department[]"),
        "GetTypeGroupList": ("module TypeGroupModule!", "AccountingGroup[]"),
        "GetVatTypeList": ("", "VatType[]"),
    },
}

_TYPES = {
    # Authenticate
    "Credential": "ApplicationId guid!, IdentityId guid, Password string, Username string",
    "Identity": """Id guid!, User User, Client IdentityClient, IsCurrent boolean!, IsDefault boolean!,
        IsProtected boolean!, Servers Server[], IsDisabled boolean""",
    "User": "ContactId int, Id guid, Name string, EmployeeId int",
    "IdentityClient": "Id long!, Name string",
    "Server": "Id int!, Type int!",
    # of several services
    "APIException": "Type string, Message string, StackTrace string",
    "Addresses": "Post Address, Delivery Address, Visit Address, Invoice Address",
    "Address": """Street string, State string, PostalCode string, PostalArea string, Name string,
        City string, Country string""",
    "PhoneNumbers": """Home PhoneNumber, Fax PhoneNumber, Mobile PhoneNumber, Primary PhoneNumber,
        Work PhoneNumber""",
    "PhoneNumber": "Description string, Value string",
    "EmailAddresses": """Home EmailAddress, Invoice EmailAddress, Primary EmailAddress, Work EmailAddress,
        Alternative EmailAddress""",
    "EmailAddress": "Description string, Name string, Value string",
    # Company
    "CompanySearchParameters": """ExternalId string, CompanyId int, CompanyIds int[], CompanyName string,
        ChangedAfter dateTime, CompanyEmail string, CompanyPhone string, OrganizationNumber string""",
    "Company": """APIException APIException, Id int, ExternalId string, OrganizationNumber string,
        Name string, FirstName string, NickName string, Addresses Addresses, PhoneNumbers PhoneNumbers,
        EmailAddresses EmailAddresses, Url string, Country string, Note string, InvoiceLanguage string,
        Type CompanyType, Username string, Password string, IncorporationDate dateTime,
        DateCreated dateTime, Status int, PriceList int, Owner int, BankAccountNo string,
        BankAccountType string, BankAccountCountry string, BankAccountBic string, TermsOfDeliveryId int,
        AccountDebit short=0, AccountCredit short=0, Discount decimal=0, TypeGroup int,
        ShareCapital decimal, NumberOfEmployees int, Turnover decimal, Profit decimal, IndustryId int,
        MemberNo int, DateChanged dateTime, BlockInvoice boolean, Relations Relation[], Maps CompanyMap[],
        DistributionMethod CompanyDistribution, CurrencyId CurrencyType, PaymentTime short,
        GlnNumber string, Factoring boolean?, LedgerCustomerAccount short, LedgerSupplierAccount short,
        VatNumber string, Private boolean?, ExplicitlySpecifyNewCompanyId boolean?""",
    "Relation": """ContactId int, CompanyId int, FirstName string, LastName string, Role string,
        RoleId int, PhoneNumbers PhoneNumbers, EmailAddresses EmailAddresses, Fax string""",
    "CompanyMap": "MapType int!, ExternalId string, CompanyId int!",
    "SyncSearchParameters": """Page int, Active boolean!?, ChangedAfter dateTime,
        RegisteredAfter dateTime""",
    "PageOfSyncCompany": """CurrentPage long!, TotalPages long!, TotalItems long!, ItemsPerPage long!,
        Items SyncCompany[], Context anyType""",
    "SyncCompany": """CompanyId int, ExternalId string, DateChanged dateTime, DateRegistered dateTime!,
        Active boolean!""",
    # Product
    "ProductSearchParameters": """Id int, CategoryId int, No string, EAN1 string, Name string,
        Price decimal, DateChanged dateTime, ProductIds int[]""",
    "Product": """CashPriceIncTax double, WebPrice decimal, SupplierId int, Id int, Name string,
        TaxRate decimal, Stock decimal, StatusId int, CategoryId int, PriceGroupID int, InPrice decimal,
        Description string, DescriptionLong string, Cost decimal, EAN1 string, Price decimal, No string,
        DateChanged dateTime, APIException APIException, Weight decimal, MinimumStock decimal,
        OrderProposal decimal, StockLocation string, SupplierProductCode string,
        SupplierProductName string, Web boolean?, ProductCode string, StockControlled boolean?,
        NewOffer boolean?, NewProduct boolean?""",
    "Category": "Id int, Name string, No string, ParentId int, APIException APIException",
    # InvoiceOrder
    "InvoiceSearchParameters": """CustomerIds int[], ChangedAfter dateTime,
        OrderStates OrderSlipStateType[], InvoiceIds int[], OrderIds int[], ExternalStatus int[]""",
    "InvoiceSyncParameters": "ChangedAfter dateTime, RegisteredAfter dateTime!",
    "InvoiceOrder": """OrderId int, CustomerId int, CustomerName string, CustomerDeliveryName string,
        CustomerDeliveryPhone string, Addresses Addresses, OrderStatus OrderSlipStateType, InvoiceId int,
        DateOrdered dateTime, DateInvoiced dateTime, DateChanged dateTime, PaymentTime int,
        CustomerReferenceNo string, ProjectId int, OurReference int, IncludeVAT boolean!?,
        YourReference string, OrderTotalIncVat decimal, OrderTotalVat decimal, InvoiceTitle string,
        InvoiceText string, Paid dateTime, OCR string, CustomerOrgNo string, Currency Currency,
        PaymentMethodId int, PaymentAmount decimal, ProductionManagerId int, SalesOpportunityId int,
        TypeOfSaleId int, Distributor Distributor, DistributionMethod OrderDistribution,
        DepartmentId int, ExternalStatus int, InvoiceEmailAddress string, InvoiceRows InvoiceRow[],
        APIException APIException, ProductionNumber string, DeliveryDate dateTime,
        ReferenceInvoiceId int, ReferenceOrderId int, ReferenceNumber string, SkipStock boolean,
        AccrualDate dateTime, AccrualLength int, RoundFactor decimal, InvoiceTemplateId guid,
        VippsNumber string, DeliveryMethod DeliveryMethod, DeliveryAlternative string,
        SendToFactoring boolean?, Commission decimal, UserDefinedDimensions UserDefinedDimension[],
        GLNNumber string, CustomerDeliveryId int""",
    "InvoiceRow": """ProductId int, RowId int, VatRate decimal, Price decimal, Name string,
        DiscountRate decimal, Quantity decimal, QuantityDelivered decimal, QuantityOrdered decimal,
        QuantityRest decimal, Cost decimal, ChangeState ChangeState, TypeGroupId int,
        SequenceNumber short, Hidden boolean, Type RowType, InPrice decimal, AccrualDate dateTime,
        AccrualLength int, AccountProject boolean?, ProjectId int, DepartmentId int, ProductNo string,
        TaxSettings TaxSettings, UserDefinedDimensions UserDefinedDimension[], SerialNumber string""",
    "Currency": "Rate decimal=1, Unit short=1, Symbol string",
    "TaxSettings": "TaxAccount int, TaxCode int, TaxRate decimal",
    "UserDefinedDimension": "TypeId int, Name string, Value string",
    "DeliveryMethod": "Id int, Description string",
    "PaymentMethod": "Id int, Name string",
    # Account
    "TaxCodeElement": "TaxId int!, TaxNo string, TaxName string, TaxRate decimal!, AccountNo short?",
    # Client
    "ClientInformation": """AddressList Addresses, Country string, EmailAddressList EmailAddresses,
        FactoringClientNo string, FactoringText string, FaxNumberList FaxNumber[],
        IsUsingFactoring boolean!, Name string, PhoneNumberList PhoneNumbers, ReminderDays int!,
        ReminderDays2 int!, ReminderDays3 int!, UserId long!, BankAccount string, IBAN string,
        OrganizationNumber string, Swift string, ResellerId long, ResellerName string,
        DefaultCurrency string""",
    "FaxNumber": "Type FaxNumberType!, Value string",
    "ClientCurrency": "Symbol string, Id int!, Rate decimal!, Unit int!",
    "Department": """Id int!, Name string, Addresses Addresses, Phone string, Fax string, Email string""",
    "AccountingGroup": "AccountId int!, Id int!, Name string",
    "VatType": "No int!, Name string, Rate decimal!",
}

# The first is what an absent element means.
ENUMERATIONS = {
    name: tuple(values.split())
    for name, values in {
        "CompanyType": "None Lead Consumer Business Supplier",
        "CompanyDistribution": "Unchanged Print EMail ElectronicInvoice Default",
        "OrderDistribution": "Unchanged Print EMail ElectronicInvoice",
        "Distributor": "Default Manual Auto",
        "ChangeState": "None Add Edit Delete",
        "RowType": "Normal Text TextBold",
        "TypeGroupModule": "All Sale Purchase",
        "FaxNumberType": "Unknown Work",
        "OrderSlipStateType": """Web None Offer Pack Invoiced Repeating CollectingOrder Return Distribution
            Rest ForInvoicing OvertimeRent Confirmed OrderState_Sent Production PaymentReminder OnAccount
            Lending InvoicedCashAccount InvoicedPack Inactive Hours OrderState_SuperStore Draft""",
        "CurrencyType": """LOCAL AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB
            BOV BRL BSD BTN BWP BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF
            DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR
            ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL
            LYD MAD MDL MGA MKD MMK MNT MOP MRO MTL MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR
            PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SKK SLL SOS SRD STD
            SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VEF VND VUV WST XAF XAG XAU XBA
            XBB XBC XBD XCD XDR XFU XOF XPD XPF XPT XTS XXX YER ZAR ZMK ZWL ZWD""",
    }.items()
}

# What an element of a list is called when it is not as its type.
_ELEMENTS = {"ClientCurrency": "Currency"}


@dataclass(frozen=True)
class Field:
    """An element of a type, or of what is asked."""

    name: str
    kind: str
    listed: bool = False
    required: bool = False
    nillable: bool = False
    default: str = ""  # the value of an absent element, when that is a value

    @property
    def item(self) -> "Field":
        """The elements of a list; those of objects and texts may be nil."""
        nillable = self.kind in TYPES or self.kind == "string"
        return Field(_ELEMENTS.get(self.kind, self.kind), self.kind, nillable=nillable)


_FIELD = re.compile(r"(\w+) (\w+)(\[\])?(!)?(\?)?(?:=(\w+))?")


def _field(told: str) -> Field:
    name, kind, listed, required, nillable, default = _FIELD.fullmatch(told).groups()
    if not (default or required or listed):
        default = ENUMERATIONS[kind][0] if kind in ENUMERATIONS else ""
        if kind == "boolean" and not nillable:
            default = "false"
    return Field(name, kind, bool(listed), bool(required), bool(nillable), default or "")


def _fields(told: str) -> tuple:
    return tuple(_field(" ".join(each.split())) for each in told.split(",") if each.strip())


TYPES = {name: _fields(told) for name, told in _TYPES.items()}
ASKED = {
    (service, operation): _fields(asked)
    for service, operations in _OPERATIONS.items()
    for operation, (asked, _result) in operations.items()
}
RESULTS = {
    (service, operation): _field(f"{operation}Result {result}")
    for service, operations in _OPERATIONS.items()
    for operation, (_asked, result) in operations.items()
}


def names_of(kind: str) -> tuple:
    """The names of a type's elements."""
    return tuple(field.name for field in TYPES[kind])
