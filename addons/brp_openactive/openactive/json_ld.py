"""What is published, as the JSON-LD objects that feeds and answers are made of.

An object is a ``dict`` with its properties in a fixed order, without those that would be empty.
"""

from collections.abc import Iterable

from .documents import without_empty
from .facilities import (
    Address,
    FacilityUse,
    IndividualFacilityUse,
    Offer,
    OpeningHours,
    Place,
    Seller,
    Slot,
    Terms,
)
from .moments import write_duration, write_instant

CONTEXT = "https://openactive.io/"

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def address_object(address: Address) -> dict:
    """Return a ``PostalAddress``."""
    return {
        "@type": "PostalAddress",
        "streetAddress": address.street,
        "addressLocality": address.locality,
        "addressRegion": address.region,
        "postalCode": address.postal_code,
        "addressCountry": address.country,
    }


def image_object(url: str) -> dict | None:
    """Return an ``ImageObject``; None when there is no address of one."""
    return {"@type": "ImageObject", "url": url} if url else None


def terms_objects(terms: Iterable[Terms]) -> list[dict]:
    """Return terms, each of its own ``@type``."""
    return [
        {
            "@type": each.kind,
            "name": each.name,
            "url": each.url,
            "requiresExplicitConsent": each.requires_explicit_consent,
        }
        for each in terms
    ]


def place_object(place: Place) -> dict:
    """Return a ``Place``."""
    geo = None
    if place.latitude is not None and place.longitude is not None:
        geo = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    return without_empty(
        {
            "@type": "Place",
            "@id": place.id,
            "name": place.name,
            "description": place.description,
            "url": place.url,
            "telephone": place.telephone,
            "address": address_object(place.address),
            "geo": geo,
        }
    )


def provider_object(seller: Seller) -> dict:
    """Return the seller as a feed tells it."""
    return without_empty(
        {
            "@type": "Organization",
            "@id": seller.id,
            "name": seller.name,
            "url": seller.url,
            "telephone": seller.telephone,
            "sameAs": list(seller.same_as),
            "taxMode": "https://openactive.io/TaxGross",
            "isOpenBookingAllowed": seller.is_open_booking_allowed,
        }
    )


def seller_object(seller: Seller) -> dict:
    """Return the seller as answers of the Open Booking API tell it."""
    return without_empty(
        {
            "@type": "Organization",
            "@id": seller.id,
            "name": seller.name,
            "legalName": seller.legal_name,
            "taxMode": "https://openactive.io/TaxGross",
            "vatID": seller.vat_id,
            "email": seller.email,
            "url": seller.url,
            "telephone": seller.telephone,
            "logo": image_object(seller.logo_url),
            "address": address_object(seller.address),
            "termsOfService": terms_objects(seller.terms),
        }
    )


def offer_object(offer: Offer) -> dict:
    """Return an offer; feeds and answers tell it alike.

    That one pays when booking is the only way and so is not told, as ``openBookingPrepayment`` is not.
    """
    told = {"@type": "Offer", "@id": offer.id, "name": offer.name}
    told["price"] = offer.price
    told["priceCurrency"] = offer.currency
    if offer.is_advance_booking_unavailable:
        told["openBookingInAdvance"] = "https://openactive.io/Unavailable"
    if offer.valid_from_before_start is not None:
        told["validFromBeforeStartDate"] = write_duration(offer.valid_from_before_start)
    if offer.valid_through_before_start is not None:
        told["validThroughBeforeStartDate"] = write_duration(offer.valid_through_before_start)
    if offer.is_cancellation_allowed is not None:
        told["allowCustomerCancellationFullRefund"] = offer.is_cancellation_allowed
    if offer.latest_cancellation_before_start is not None:
        told["latestCancellationBeforeStartDate"] = write_duration(offer.latest_cancellation_before_start)
    if not offer.name:
        del told["name"]
    return told


def facility_use_object(facility_use: FacilityUse) -> dict:
    """Return what feeds and answers both tell of a facility."""
    return without_empty(
        {
            "@type": "FacilityUse",
            "@id": facility_use.id,
            "identifier": facility_use.identifier,
            "name": facility_use.name,
            "description": facility_use.description,
            "url": facility_use.url,
            "facilityType": [
                {"@type": "Concept", "@id": each.id, "prefLabel": each.label, "inScheme": each.scheme}
                for each in facility_use.facility_types
            ],
            "image": [image_object(url) for url in facility_use.image_urls],
            "location": place_object(facility_use.location),
            "hoursAvailable": [opening_hours_object(each) for each in facility_use.opening_hours],
        }
    )


def individual_facility_use_object(individual: IndividualFacilityUse) -> dict:
    """Return one named part of a facility."""
    return {"@type": "IndividualFacilityUse", "@id": individual.id, "name": individual.name}


def opening_hours_object(hours: OpeningHours) -> dict:
    """Return the days of the week and the local times."""
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": [f"https://schema.org/{_DAYS[day]}" for day in hours.days],
        "opens": f"{hours.opens:%H:%M}",
        "closes": f"{hours.closes:%H:%M}",
    }


def slot_times(slot: Slot) -> dict:
    """Return what feeds and answers both tell of a slot, but for its places and its facility."""
    told = {"@type": "Slot", "@id": slot.id}
    if slot.identifier is not None:
        told["identifier"] = slot.identifier
    told["startDate"] = write_instant(slot.start)
    told["endDate"] = write_instant(slot.end)
    told["duration"] = write_duration(slot.duration)
    return told
