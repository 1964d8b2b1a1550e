"""The dataset site: the same for people and for programs, and safe whatever it is called."""

import dataclasses
import json
import re

import pytest
from brp_openactive.openactive import BookingService, dataset_data, dataset_page
from openactive_hall import IDS, SELLER, site

NASTY = '</script><script>alert("1")</script><!-- & \u2028 "å" {name} %s'


def json_ld(page):
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_what_programs_find():
    data = json.loads(dataset_data(site()))
    assert (data["@id"], data["url"]) == (IDS.base, IDS.base)
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    feeds = [(each["name"], each["additionalType"], each["contentUrl"]) for each in data["distribution"]]
    assert feeds == [
        ("FacilityUse", "https://openactive.io/FacilityUse", IDS.facility_uses_feed),
        ("Slot for FacilityUse", "https://openactive.io/Slot", IDS.slots_feed),
    ]
    assert data["accessService"]["endpointUrl"] == IDS.api
    assert "authenticationAuthority" not in data["accessService"]
    assert (data["datePublished"], data["dateModified"]) == ("2031-01-02T03:04:05Z", "2031-01-11T03:04:05Z")
    assert data["publisher"]["legalName"] == "Sundby Aktivitetscenter AB"


def test_a_company_that_cannot_be_booked_has_no_booking():
    closed = site(landing_page="")
    assert "accessService" not in json.loads(dataset_data(closed))
    assert IDS.api not in dataset_page(closed)
    assert IDS.api in dataset_page(site())


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("en", ["Open data", "Licence", "Become a partner"]),
        ("en_US", ["Open data"]),
        ("sv", ["Öppna data", "Licens", "Bli partner", "Du får använda och dela dem"]),
        ("sv_SE", ["Öppna data"]),
        ("de_DE", ["Open data"]),
    ],
)
def test_what_people_read(lang, texts):
    page = dataset_page(site(), lang)
    for text in texts:
        assert text in page
    assert f'<html lang="{lang[:2] if lang[:2] in ("en", "sv") else "en"}">' in page
    for url in (IDS.facility_uses_feed, IDS.slots_feed, "https://www.example.se/fragor"):
        assert f'href="{url}"' in page
    assert json_ld(page) == json.loads(dataset_data(site(), lang))


def test_an_email_address_is_told_where_there_is_one():
    without = site(publisher=dataclasses.replace(SELLER, email=""))
    assert 'href="mailto:info@example.se"' in dataset_page(site())
    assert "mailto:" not in dataset_page(without)


def test_no_name_breaks_out_of_the_page():
    publisher = dataclasses.replace(SELLER, name=NASTY, legal_name=NASTY, email="a@example.se?x=\"'><b>")
    service = BookingService(NASTY)
    nasty = dataclasses.replace(
        site(), name=NASTY, publisher=publisher, description=NASTY, booking_service=service
    )
    page = dataset_page(nasty, "sv")
    assert page.count("<script") == page.count("</script>") == 1
    assert "<!--" not in page and "<b>" not in page and "alert(" in page
    data = json_ld(page)
    assert data["name"] == data["description"] == data["bookingService"]["name"] == NASTY


def test_a_publisher_needs_a_logo_and_a_site():
    for missing in ("logo_url", "url"):
        with pytest.raises(ValueError, match="no logo or no web site"):
            dataclasses.replace(site(), publisher=dataclasses.replace(SELLER, **{missing: ""}))
