"""What is wrong with what a booking system tells: each rule with its text, and what has broken it."""

from dataclasses import asdict, dataclass

# Realtime Paged Data Exchange 1.0, Modelling Opportunity Data 2.0 as its published validator has it, and
# Open Booking API 1.0. Rule: what the page says.
RULES = {
    # a page of a feed
    "no_answer": "Inget svar.",
    "status": "Fel status; ett flöde svarar 200.",
    "gone": "Flödet svarar 404 eller 410: läsare slutar för alltid.",
    "needs_credentials": "Ett öppet flöde får inte kräva inloggning.",
    "redirected": "Omdirigering; adressen ska vara flödets egen.",
    "content_type": "Fel Content-Type.",
    "cookie": "Svaret sätter en kaka.",
    "not_public": "Cache-Control saknar public och max-age.",
    "stale_last_page": "Sista sidan får sparas för länge (max-age).",
    "public_orders": "Orderflödet får inte vara public.",
    "no_json": "Svaret är ingen JSON.",
    "not_a_page": "Sidan är inget objekt med next och items.",
    "json_ld_outside_data": "JSON-LD utanför data.",
    "no_license": "Licensen saknas eller är inte CC-BY 4.0.",
    "license_on_orders": "Orderflödet ska inte ha någon licens.",
    "next_relative": "next är ingen fullständig adress.",
    "next_elsewhere": "next leder till en annan adress än flödets.",
    "next_not_of_last_item": "next bygger inte på sidans sista post.",
    "next_strategy": "next har varken afterChangeNumber eller afterTimestamp och afterId.",
    "next_own": "next är sidans egen adress fast sidan har poster.",
    "next_again": "next leder tillbaka till en sida som redan är läst.",
    # an item
    "item": "En post är inget objekt.",
    "item_fields": "En post har fält som inte finns i RPDE.",
    "state": "state är varken updated eller deleted.",
    "kind": "Okänd kind i detta flöde.",
    "id": "id är varken text eller heltal.",
    "modified": "modified är inget heltal från 1 och uppåt.",
    "modified_large": "modified är större än vad JavaScript räknar exakt (2^53).",
    "not_growing": "Ändringsnumren växer inte.",
    "twice_on_page": "Samma post två gånger på en sida.",
    "data_missing": "En updated-post saknar data.",
    "data_on_deleted": "En deleted-post har data.",
    "vanished": "En post har försvunnit utan att bli deleted.",
    # any data
    "null": "null i data.",
    "empty": "Tom text eller tom lista i data.",
    "context": "@context är inte https://openactive.io/ i roten, eller finns längre in.",
    "type": "Fel @type.",
    "missing": "Ett fält som krävs saknas.",
    "unexpected": "Ett fält som inte får finnas där.",
    "deprecated": "Ett fält som har utgått ur standarden.",
    "relative_url": "En adress är inte fullständig.",
    "html": "HTML i text.",
    "moment": "En tidpunkt saknar zon eller är fel skriven.",
    "duration": "En längd är ingen giltig ISO 8601-längd större än noll.",
    "end": "endDate är inte startDate plus duration.",
    "number": "Ett antal är inget heltal från 0 och uppåt.",
    "more_than_maximum": "remainingUses är större än maximumUses.",
    "country": "addressCountry är ingen landskod med två bokstäver.",
    "tax_mode": "taxMode är okänd.",
    "place": "En plats har varken adress eller koordinater.",
    "no_offer": "En tid saknar erbjudande.",
    "price": "Priset saknas eller är inget tal med högst två decimaler.",
    "currency": "Valutan saknas.",
    "offer_twice": "Två erbjudanden av en tid har samma namn eller @id.",
    # across items
    "orphan": "En tid hör till en anläggning som inte finns i flödet.",
    "wrong_level": "En tid hör till en anläggning som har enskilda resurser.",
    "kind_of_slot": "kind stämmer inte med vad tiden hör till.",
    "more_than_one": "En enskild resurs har fler än en plats.",
    # the dataset site
    "site": "Datasetets sida går inte att läsa.",
    "site_fields": "Datasetet saknar ett fält som krävs.",
    "site_license": "Sidan visar ingen CC-BY-licens.",
    "site_feeds": "Datasetet har inget flöde för FacilityUse eller Slot.",
    "endpoint": "endpointUrl är ingen fullständig adress utan snedstreck sist.",
    # booking
    "failed": "Bokningssystemet svarade med ett fel som inte säger om något blev gjort.",
    "booking_status": "Bokningssystemet svarade med en annan status än standarden säger.",
    "booking_answer": "Bokningssystemets svar är inte som standarden säger.",
    "error_form": "Felet är inget JSON-LD-objekt med @type.",
    "total": "Summan stämmer inte med vad som bokades.",
    "tax": "Momsen per rad blir inte summan av momsen.",
    "no_order_number": "Bokningen fick inget bokningsnummer.",
    "refused_but_booked": "Bokningen nekades men finns ändå.",
    "answers_differ": "Samma bokning skickad två gånger fick olika svar.",
    "personal_data": "Orderflödet har uppgifter som inte får finnas där.",
    "unknown_order": "Orderflödet har en bokning som inte är vår.",
    "total_rose": "Summan att betala har ökat efter bokningen.",
    "revived": "En avbokad rad är bokad igen.",
}
# What the standard advises, but does not demand.
# An order that we do not know may be one that we have forgotten.
ADVICE = frozenset({"not_public", "stale_last_page", "site_license", "modified_large", "unknown_order"})


@dataclass
class Breach:
    """A rule that was broken at a place. `example` is the first item and value; `times` how often."""

    place: str
    rule: str
    example: str
    times: int = 1

    @property
    def level(self) -> str:
        return "advice" if self.rule in ADVICE else "error"

    def to_json(self) -> dict:
        return {**asdict(self), "level": self.level, "text": RULES[self.rule]}


class Breaches:
    """Those of one booking system, each rule once for each place."""

    def __init__(self):
        self._found = {}

    def note(self, place: str, rule: str, example="") -> None:
        assert rule in RULES, rule
        example = "" if example is None else example
        found = self._found.get((place, rule))
        if found:
            found.times += 1
        else:
            self._found[place, rule] = Breach(place, rule, str(example)[:300])

    def at(self, place: str):
        """A function that notes what is wrong at a place: of a rule and an example."""
        return lambda rule, example="": self.note(place, rule, example)

    def listed(self) -> list:
        return list(self._found.values())

    def clear(self) -> None:
        self._found.clear()
