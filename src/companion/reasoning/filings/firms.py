"""Six fictional firms: invented names, a trade each, and habits of writing that a firm keeps to.

Tickers have six letters, one more than those of American exchanges.
"""

from __future__ import annotations

from dataclasses import dataclass

from companion.reasoning.filings.metrics import METRICS
from companion.reasoning.filings.truth import Draw

NAMES = (
    "Norvanel", "Ostrikka", "Quellimar", "Tarsolind", "Brevandor", "Haldimyr", "Velcurrin", "Pinquorra", "Drossany",
    "Ysembrook", "Kelvanoth", "Mirathul", "Zundrake", "Corvessin", "Umberquist", "Galdrenne", "Fendovar", "Wystrelle",
)  # fmt: skip
KINDS = ("Systems, Inc.", "Industries, Inc.", "Corporation", "Group, Inc.", "Holdings, Inc.", "Technologies Corp.")
TOWNS = ("Aldermoor", "Port Sennet", "Quarry Vale", "Lower Tamsin", "Eastwick Falls", "Brackenholt")


@dataclass(frozen=True)
class Trade:
    """What a firm does.

    Attributes
    ----------
    business : tuple of str
        Sentences that describe it; a filing has one of them.
    segments : tuple of str
        Its two segments.
    up, down : tuple of str
        Why a segment sold more or less, as phrases that follow "because of".
    """

    business: tuple[str, ...]
    segments: tuple[str, str]
    up: tuple[str, ...]
    down: tuple[str, ...]


TRADES = (
    Trade(
        ("The Company designs and builds pumps for waterworks and breweries, and keeps them running under contract.",
         "The Company makes pumps for municipal water and for food plants; its mechanics service them on site.",
         "Pumps, valves and their upkeep are the Company's whole business."),
        ("Pumps", "Field services"),
        ("larger orders from municipal waterworks", "the first deliveries of the low-noise series",
         "a mild winter that let crews work outdoors", "price increases agreed in January"),
        ("two waterworks that put off their tenders", "a strike at a foundry that casts the housings",
         "mechanics who could not be hired in time", "discounts given to a large brewery"),
    ),
    Trade(
        ("The Company sells software that plans the rounds of delivery vans, and trains those who use it.",
         "Route planning, by subscription, is what the Company offers to carriers and to couriers.",
         "Carriers subscribe to the Company's planning software and buy its training beside it."),
        ("Subscriptions", "Training and consulting"),
        ("couriers that moved from licenses to subscriptions", "a new edition for cargo bicycles",
         "the renewal of three postal contracts", "more seats at existing customers"),
        ("the insolvency of a regional courier", "customers that took fewer seats",
         "a release that was four weeks late", "projects that customers did themselves"),
    ),
    Trade(
        ("The Company grows seed potatoes and onions, and advises the farms that plant them.",
         "Seed stock for potatoes and onions, and laboratory tests of soil, are the Company's two lines.",
         "The Company breeds, multiplies and ships seed stock, and analyses the soil it goes into."),
        ("Seed stock", "Soil laboratories"),
        ("an early spring in the northern regions", "a variety that resists late blight",
         "farms that test every field since the new nitrate rules", "exports to two new markets"),
        ("frost in April", "a quarantine in one growing region", "low prices for onions after a rich harvest",
         "a laboratory that was closed for rebuilding"),
    ),
    Trade(
        ("The Company makes hearing aids and the instruments with which they are fitted.",
         "Hearing aids, sold through its own shops and through physicians, are the Company's main product.",
         "The Company develops small medical devices for the ear, and instruments for audiologists."),
        ("Hearing aids", "Fitting instruments"),
        ("the launch of a rechargeable model", "reimbursement that insurers raised in spring",
         "shops opened in the south", "audiologists who replaced their oldest instruments"),
        ("patients who waited for the next model", "a shortage of coin cells", "a recall of one charging case",
         "fewer visits to physicians during the flu season"),
    ),
    Trade(
        ("The Company leases cold stores at harbors and carries frozen goods between them.",
         "Frozen storage and transport, near nine harbors, is the business of the Company.",
         "The Company keeps food cold: in its stores, and on its trucks between harbors."),
        ("Cold storage", "Refrigerated transport"),
        ("a good season for shrimp", "two stores that were full from February on",
         "diesel surcharges passed on to shippers", "a contract with a chain of supermarkets"),
        ("a harbor that was closed for dredging", "a poor catch in the north", "drivers' sick leave",
         "the end of a contract for frozen berries"),
    ),
    Trade(
        ("The Company prints packaging for pharmacies and runs the machines that fold it.",
         "Folding cartons and leaflets for medicines are printed by the Company, which also sells folding machines.",
         "The Company supplies makers of medicines with cartons, leaflets and the machines that pack them."),
        ("Cartons and leaflets", "Folding machines"),
        ("leaflets that had to be reprinted under new labeling rules", "a switch from plastic to cardboard",
         "machines ordered the year before and delivered now", "a cough season that lasted into spring"),
        ("medicines that left the market", "a fire in a paper mill that supplies half of the board",
         "customers that shortened their leaflets", "export licenses that came late"),
    ),
    Trade(
        ("The Company surveys land and sea floor from drones, and sells the maps.",
         "Maps made by drones, of fields, quarries and sea floor, are the Company's product.",
         "The Company flies drones for surveyors and licenses what they see."),
        ("Surveys", "Map licenses"),
        ("wind farms that had their sea floor mapped", "calm weather in the flying season",
         "a license for all quarries of one county", "a sensor that sees through shallow water"),
        ("fog on two thirds of the flying days", "a ban on flights near one harbor",
         "a county that began to map for itself", "surveys that moved into the next season"),
    ),
    Trade(
        ("The Company builds elevators for low houses and looks after those of other makers.",
         "Small elevators, mostly for houses that never had one, are built and maintained by the Company.",
         "The Company puts elevators into old houses and keeps elevators of all makes in order."),
        ("New elevators", "Maintenance"),
        ("a subsidy for houses without steps", "maintenance contracts taken over from a competitor",
         "a cabin that fits into a stairwell", "inspections that became due every year"),
        ("permits that took five months", "steel that came late", "owners who postponed repairs",
         "a guide rail that had to be replaced free of charge"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Firm:
    """A firm and how it writes.

    Attributes
    ----------
    name, full_name, ticker : str
        Such as Norvanel, Norvanel Systems, Inc. and NORVAN.
    town : str
        Its seat, invented too.
    trade : Trade
        What it does.
    labels : dict of str to str
        What its tables call each metric.
    thousands : bool
        Whether its tables count in thousands of dollars rather than in millions.
    dates : bool
        Whether its columns are headed by the last day of a period rather than by the period.
    """

    name: str
    full_name: str
    ticker: str
    town: str
    trade: Trade
    labels: dict[str, str]
    thousands: bool
    dates: bool

    def segment(self, metric: str) -> str:
        """Give the segment that a metric is about, "" for most metrics."""
        return self.trade.segments[int(metric[-1]) - 1] if metric.startswith("segment_") else ""


def draw_firms(seed: int) -> tuple[tuple[Firm, ...], tuple[str, ...]]:
    """Draw six firms; also the names that no firm has."""
    draw = Draw(seed, "firms")
    names, trades = draw.shuffled(NAMES), draw.shuffled(TRADES)
    kinds, towns = draw.shuffled(KINDS), draw.shuffled(TOWNS)
    thousands, dates = draw.shuffled(range(6))[:2], draw.shuffled(range(6))[:3]
    firms = []
    for n, trade in enumerate(trades[:6]):
        labels = {key: draw.pick(metric.labels) for key, metric in METRICS.items()}
        by_segment = labels["segment_1"]  # both in the same words, as tables have it
        labels |= {f"segment_{k}": by_segment.format(segment=segment) for k, segment in enumerate(trade.segments, 1)}
        full, ticker = f"{names[n]} {kinds[n]}", names[n][:6].upper()
        firms.append(Firm(names[n], full, ticker, towns[n], trade, labels, n in thousands, n in dates))
    return tuple(firms), tuple(names[6:])
