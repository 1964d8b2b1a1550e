"""The dataset site: a page that tells people and programs which feeds there are, and how to book.

Source: Dataset API Discovery 1.0 of OpenActive, and the data models 3.0.9.
"""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from .documents import without_empty, write_text
from .facilities import Seller
from .feeds import CC_BY
from .ids import Ids
from .json_ld import image_object
from .moments import write_instant
from .orders import BookingService

FEED_FORMAT = "application/vnd.openactive.rpde+json; version=1"
SCHEMA_VERSION = "https://openactive.io/modelling-opportunity-data/2.0/"
OPEN_BOOKING_API = "https://openactive.io/open-booking-api/EditorsDraft/"
API_DESCRIPTION = "https://www.openactive.io/open-booking-api/EditorsDraft/swagger.json"
FEED_DOCUMENTATION = "https://permalink.openactive.io/dataset-site/open-data-documentation"
API_DOCUMENTATION = "https://permalink.openactive.io/dataset-site/open-booking-api-documentation"

# Inside <script> a browser looks for "</script" and "<!--" whatever the text means there.
_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class DatasetSite:
    """What a company publishes, and how to book it.

    :ivar publisher: needs a :attr:`~.Seller.logo_url` and a :attr:`~.Seller.url` as well
    :ivar discussion_url: where users of the data can ask
    :ivar published: aware; when the data was first published
    :ivar modified: aware; when what is published of the site last changed
    :ivar languages: of what is published, as ``sv-SE``
    :ivar landing_page: where a marketplace learns how to become a partner; empty when nothing can be booked
    :ivar terms_url: of the terms for marketplaces
    :ivar description: empty for one that is made of the name
    """

    ids: Ids
    name: str
    publisher: Seller
    discussion_url: str
    published: datetime
    modified: datetime
    booking_service: BookingService
    landing_page: str = ""
    terms_url: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ("Facilities", "Sports", "OpenActive")
    languages: tuple[str, ...] = ("sv-SE",)
    background_image_url: str = ""

    def __post_init__(self):
        if not self.publisher.logo_url or not self.publisher.url:
            raise ValueError(f"{self.publisher.name} has no logo or no web site")


def dataset_data(site: DatasetSite, lang: str = "en") -> str:
    """Return the site as JSON-LD.

    :param lang: of the description that is made here: ``en`` or ``sv``
    """
    return write_text(_dataset(site, _texts(lang)))


def dataset_page(site: DatasetSite, lang: str = "en") -> str:
    """Return the site as a whole HTML page, with its JSON-LD inside.

    :param lang: ``en`` or ``sv``
    """
    texts = _texts(lang)
    data = _dataset(site, texts)
    json_ld = write_text(data).translate(_IN_SCRIPT)
    feeds = "".join(
        f'<li><a href="{escape(each["contentUrl"])}">{escape(texts[each["identifier"]])}</a></li>'
        for each in data["distribution"]
    )
    service = data.get("accessService")
    booking = ""
    if service:
        links = [(service["landingPage"], texts["partner"]), (service.get("termsOfService"), texts["terms"])]
        listed = "".join(f'<li><a href="{escape(url)}">{escape(text)}</a></li>' for url, text in links if url)
        booking = (
            f"<h2>{escape(texts['booking'])}</h2>\n<p>{escape(texts['booking_how'])} "
            f"<code>{escape(service['endpointUrl'])}</code></p>\n<ul>{listed}</ul>\n"
        )
    publisher = site.publisher
    contact = (
        f' · <a href="mailto:{escape(publisher.email)}">{escape(publisher.email)}</a>'
        if publisher.email
        else ""
    )
    return _PAGE.format(
        lang=texts["lang"],
        title=escape(site.name),
        json_ld=json_ld,
        logo=escape(publisher.logo_url),
        description=escape(data["description"]),
        data=escape(texts["data"]),
        data_how=escape(texts["data_how"]),
        feeds=feeds,
        booking=booking,
        license=escape(texts["license"]),
        license_how=escape(texts["license_how"]).format(
            publisher=f'<a href="{escape(publisher.url)}">{escape(publisher.legal_name)}</a>',
            license=f'<a rel="license" href="{CC_BY}">Creative Commons Attribution 4.0 (CC BY 4.0)</a>',
        ),
        publisher=escape(publisher.legal_name),
        contact=contact,
        discussion_url=escape(site.discussion_url),
        discussion=escape(texts["discussion"]),
    )


def _dataset(site: DatasetSite, texts: dict) -> dict:
    publisher = site.publisher
    description = site.description or texts["description"].format(name=publisher.name)
    return without_empty(
        {
            "@context": ["https://schema.org/", "https://openactive.io/"],
            "@type": "Dataset",
            "@id": site.ids.base,
            "url": site.ids.base,
            "name": site.name,
            "description": description,
            "keywords": list(site.keywords),
            "license": CC_BY,
            "discussionUrl": site.discussion_url,
            "documentation": FEED_DOCUMENTATION,
            "inLanguage": list(site.languages),
            "schemaVersion": SCHEMA_VERSION,
            "datePublished": write_instant(site.published),
            "dateModified": write_instant(site.modified),
            "publisher": without_empty(
                {
                    "@type": "Organization",
                    "name": publisher.name,
                    "legalName": publisher.legal_name,
                    "url": publisher.url,
                    "email": publisher.email,
                    "logo": image_object(publisher.logo_url),
                }
            ),
            "distribution": [
                _distribution("FacilityUse", "FacilityUse", site.ids.facility_uses_feed),
                _distribution("FacilityUseSlot", "Slot", site.ids.slots_feed),
            ],
            "bookingService": without_empty(
                {
                    "@type": "BookingService",
                    "name": site.booking_service.name,
                    "url": site.booking_service.url,
                    "softwareVersion": site.booking_service.software_version,
                }
            ),
            "backgroundImage": image_object(site.background_image_url),
            "accessService": site.landing_page and _access_service(site, description),
        }
    )


def _distribution(identifier: str, type_: str, url: str) -> dict:
    return {
        "@type": "DataDownload",
        "name": "FacilityUse" if type_ == "FacilityUse" else "Slot for FacilityUse",
        "identifier": identifier,
        "additionalType": f"https://openactive.io/{type_}",
        "encodingFormat": FEED_FORMAT,
        "contentUrl": url,
    }


def _access_service(site: DatasetSite, description: str) -> dict:
    return without_empty(
        {
            "@type": "WebAPI",
            "name": "Open Booking API",
            "description": description,
            "endpointUrl": site.ids.api,
            "conformsTo": [OPEN_BOOKING_API],
            "endpointDescription": API_DESCRIPTION,
            "documentation": API_DOCUMENTATION,
            "landingPage": site.landing_page,
            "termsOfService": site.terms_url,
        }
    )


def _texts(lang: str) -> dict[str, str]:
    return _TEXTS["sv" if lang.startswith("sv") else "en"]


_TEXTS = {
    "en": {
        "lang": "en",
        "description": "Facilities that can be booked at {name}, and their free times, as they are just now.",
        "data": "Open data",
        "data_how": "The feeds follow the OpenActive standards and are updated as soon as anything changes.",
        "FacilityUse": "Facilities",
        "FacilityUseSlot": "Times",
        "booking": "Booking",
        "booking_how": "Marketplaces that are our partners book by the Open Booking API 1.0 at",
        "partner": "Become a partner",
        "terms": "Terms for marketplaces",
        "license": "Licence",
        "license_how": "The data is published by {publisher} under {license}. You may use and share it, "
        "as long as you name the publisher.",
        "discussion": "Questions about the data",
    },
    "sv": {
        "lang": "sv",
        "description": "Anläggningar som går att boka hos {name}, och deras lediga tider, som de är just nu.",
        "data": "Öppna data",
        "data_how": "Flödena följer OpenActives standarder och uppdateras så snart något ändras.",
        "FacilityUse": "Anläggningar",
        "FacilityUseSlot": "Tider",
        "booking": "Bokning",
        "booking_how": "Marknadsplatser som samarbetar med oss bokar med Open Booking API 1.0 på",
        "partner": "Bli partner",
        "terms": "Villkor för marknadsplatser",
        "license": "Licens",
        "license_how": "Uppgifterna publiceras av {publisher} under licensen {license}. Du får använda och "
        "dela dem så länge du anger vem som har publicerat dem.",
        "discussion": "Frågor om uppgifterna",
    },
}

_PAGE = """\
<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<script type="application/ld+json">{json_ld}</script>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 0 auto; padding: 2rem 1.25rem; }}
header img {{ max-height: 4rem; max-width: 12rem; }}
h1 {{ font-size: 1.8rem; line-height: 1.25; margin: 1rem 0 .5rem; }}
h2 {{ font-size: 1.15rem; margin: 2rem 0 .25rem; }}
p, ul {{ margin: .25rem 0; }}
ul {{ padding-left: 1.25rem; }}
code {{ overflow-wrap: anywhere; }}
footer {{ margin-top: 3rem; padding-top: 1rem; border-top: 1px solid #8888; font-size: .9rem; }}
</style>
</head>
<body>
<header>
<img src="{logo}" alt="">
<h1>{title}</h1>
<p>{description}</p>
</header>
<main>
<h2>{data}</h2>
<p>{data_how}</p>
<ul>{feeds}</ul>
{booking}<h2>{license}</h2>
<p>{license_how}</p>
</main>
<footer>{publisher}{contact} · <a href="{discussion_url}">{discussion}</a></footer>
</body>
</html>
"""
