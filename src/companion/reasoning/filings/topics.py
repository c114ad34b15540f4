"""What filings say in words: topics, each with several sentences and a detail that a question can ask for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """Something that a filing may speak of.

    Attributes
    ----------
    key, section : str
        Its name in programs, and the section in which it stands.
    sentences : tuple of str
        Ways to say it, with ``{detail}``.
    details : tuple of str
        What may be said; no two filings of a corpus say the same.
    seen, held_back : tuple of str
        Questions about it, with ``{firm}`` and ``{period}``, in the two kinds of wording.
    """

    key: str
    section: str
    sentences: tuple[str, ...]
    details: tuple[str, ...]
    seen: tuple[str, ...]
    held_back: tuple[str, ...]


TOPICS = (
    Topic(
        "supplier", "RISK FACTORS",
        ("The Company buys {detail} from a single supplier and has no second source under contract.",
         "For {detail} there is only one qualified vendor, whose failure would halt production.",
         "Deliveries of {detail} depend on one plant, which the Company does not control."),
        ("ceramic bearings", "radio modules", "heat-sealed film", "optical sensors", "refrigerant valves",
         "mother plants", "battery cells", "tempered glass"),
        ("Which part does {firm} buy from a single supplier, according to its {period} report?",
         "What does {firm} depend on one vendor for ({period})?"),
        ("If one source dried up, what would {firm} lack? Use the filing for {period}.",
         "In the {period} filing, name the input for which {firm} has nobody else to turn to."),
    ),
    Topic(
        "customer", "RISK FACTORS",
        ("The largest customer, {detail}, may cancel its frame contract with sixty days' notice.",
         "A considerable part of sales goes to {detail}, which is free to buy elsewhere.",
         "Orders from {detail}, the most important buyer, are placed from month to month."),
        ("a state railway", "a chain of garden centers", "a group of clinics", "an association of fisheries",
         "a wholesaler of building supplies", "a federal agency", "a maker of generic medicines", "a parcel carrier"),
        ("Who is the largest customer of {firm} according to its {period} report?",
         "Which customer matters most to {firm} ({period})?"),
        ("On which buyer's goodwill does {firm} rely, going by the {period} filing?",
         "Whom would {firm} miss most if it took its business elsewhere ({period})?"),
    ),
    Topic(
        "weakness", "CONTROLS AND PROCEDURES",
        ("Management concluded that controls over {detail} were not effective, and has begun to remedy this.",
         "A material weakness was identified in {detail}; additional reviews are in place until it is remediated.",
         "The evaluation found that {detail} did not operate as designed."),
        ("the counting of inventories", "access to the payroll system", "the approval of manual journal entries",
         "the cut-off of shipments at period end", "the valuation of spare parts", "the review of lease contracts",
         "changes to customer master data", "the reconciliation of bank accounts"),
        ("Which material weakness in its controls did {firm} report in {period}?",
         "Which controls of {firm} were not effective in {period}?"),
        ("What went wrong in the internal checks of {firm}, says the filing for {period}?",
         "Which procedure did the managers of {firm} find wanting ({period})?"),
    ),
    Topic(
        "lawsuit", "RISK FACTORS",
        ("A suit over {detail} is pending; the Company believes that it has good defenses.",
         "In a proceeding that concerns {detail}, the court has appointed an expert.",
         "The Company is a defendant in an action about {detail} and has made no provision for it."),
        ("an unpaid broker's commission", "noise at a night shift", "a patent on a locking ring",
         "water that leaked from a roof", "the dismissal of a works council", "a misprinted safety leaflet",
         "damage to a rented crane", "an expired distribution contract"),
        ("What is the lawsuit against {firm} about that its {period} report mentions?",
         "What does the pending suit against {firm} concern ({period})?"),
        ("Over what is {firm} being taken to court, by the filing for {period}?",
         "What quarrel of {firm} is before a judge ({period})?"),
    ),
    Topic(
        "covenant", "LIQUIDITY AND CAPITAL RESOURCES",
        ("The credit facility requires that {detail}; the Company was in compliance.",
         "Under the facility's covenants, {detail}, a condition that was met.",
         "Lenders may call the facility unless {detail}."),
        ("debt stay below three times yearly earnings", "inventories be insured at replacement cost",
         "no dividend exceed half of net income", "earnings cover interest four times",
         "equity stay above a third of total assets", "audited accounts arrive within ninety days",
         "no plant be sold without consent", "a month's payroll be kept on deposit"),
        ("What does the credit facility of {firm} require, according to its {period} report?",
         "Which covenant does the credit facility of {firm} have ({period})?"),
        ("What have the banks made {firm} promise? See the filing for {period}.",
         "When may lenders ask {firm} for their money back ({period})?"),
    ),
    Topic(
        "maturity", "LIQUIDITY AND CAPITAL RESOURCES",
        ("The revolving credit facility matures in {detail} and may be extended once.",
         "Borrowings under the revolving line fall due in {detail}.",
         "Unless it is renewed, the revolving line ends in {detail}."),
        ("March 2027", "November 2028", "June 2029", "January 2028", "September 2027", "May 2030", "December 2026",
         "August 2029"),
        ("When does the revolving credit facility of {firm} mature, according to its {period} report?",
         "In which month does the revolving line of {firm} end ({period})?"),
        ("Until when can {firm} draw on its bank line, going by the {period} filing?",
         "How long do the lenders of {firm} stay committed ({period})?"),
    ),
    Topic(
        "site", "BUSINESS",
        ("During the period the Company opened {detail}.",
         "A lease was signed and operations begun at {detail}.",
         "The Company's newest site is {detail}, which employs a small crew so far."),
        ("a repair shop in the old tram depot", "a training center beside the river", "a warehouse with a rail siding",
         "a laboratory in a former school", "a showroom at the fairground", "a paint shop on the upper floor",
         "a depot near the customs house", "an office above a bakery"),
        ("Which new site did {firm} open, according to its {period} report?",
         "What did {firm} open in {period}?"),
        ("Where has {firm} recently set up shop, says the {period} filing?",
         "Which place did {firm} add to those it works from ({period})?"),
    ),
    Topic(
        "currency", "RISK FACTORS",
        ("About a fifth of purchases are paid in {detail}, and are hedged for six months.",
         "The Company is exposed to the exchange rate of {detail}, in which it pays for parts.",
         "A stronger rate of {detail} would raise costs before prices can follow."),
        ("Norwegian kroner", "Swiss francs", "Japanese yen", "Polish zloty", "Mexican pesos", "Danish kroner",
         "Canadian dollars", "Korean won"),
        ("To which currency is {firm} exposed, according to its {period} report?",
         "In which currency does {firm} pay for purchases ({period})?"),
        ("Which foreign money makes the costs of {firm} swing, by the {period} filing?",
         "An appreciation of what would hurt {firm} ({period})?"),
    ),
    Topic(
        "incident", "RISK FACTORS",
        ("An intrusion into {detail} was detected and closed; no customer was affected.",
         "Attackers reached {detail} by a stolen password and were locked out the same day.",
         "The Company had to shut down {detail} for two days after malicious code was found."),
        ("the visitor registration", "a file server of the drawing office", "the booking page of the canteen",
         "a test machine of the laboratory", "the fleet's telematics", "the mail gateway", "an archive of invoices",
         "the time clock terminals"),
        ("Which system was attacked in the security incident that {firm} reported in {period}?",
         "What did intruders reach at {firm} ({period})?"),
        ("What was broken into, electronically, at {firm}, says the filing for {period}?",
         "What had {firm} to take off the network ({period})?"),
    ),
    Topic(
        "recall", "BUSINESS",
        ("The Company took back {detail} at its own expense.",
         "A voluntary recall of {detail} was completed during the period.",
         "After complaints, {detail} were withdrawn and replaced."),
        ("forty mounting brackets", "a batch of printed manuals", "two hundred adapters", "a lot of carrying straps",
         "several gauges with loose dials", "remote controls with a faulty button", "a series of rubber seals",
         "lamps that flickered"),
        ("What did {firm} recall, according to its {period} report?",
         "Which goods did {firm} take back in {period}?"),
        ("Which items came back to {firm} because something was amiss ({period})?",
         "What had {firm} to replace for its customers, says the {period} filing?"),
    ),
    Topic(
        "season", "BUSINESS",
        ("Business is seasonal and strongest in {detail}.",
         "Orders usually peak in {detail}, for which stocks are built beforehand.",
         "The Company sells most in {detail}, in common with its trade."),
        ("the weeks before Easter", "late summer", "the first frost", "the school holidays", "the harvest weeks",
         "the month of budget closings", "early spring", "the weeks around midsummer"),
        ("When is the business of {firm} strongest, according to its {period} report?",
         "In which season does {firm} sell most ({period})?"),
        ("What time is the busiest at {firm}, going by the {period} filing?",
         "For which weeks does {firm} stock up ({period})?"),
    ),
    Topic(
        "rule", "RISK FACTORS",
        ("A draft regulation on {detail} would, if adopted, require changes to several products.",
         "The Company may be affected by new rules about {detail}, which are under consultation.",
         "Legislators are considering limits that concern {detail}; their cost cannot be estimated yet."),
        ("the labeling of lubricants", "the storage of customer locations", "the weight of hand tools",
         "night deliveries in towns", "the disposal of filters", "the brightness of displays",
         "the traceability of seeds", "packaging of mixed materials"),
        ("Which draft regulation might affect {firm}, according to its {period} report?",
         "Which new rules does {firm} name as a risk in {period}?"),
        ("What are lawmakers up to that could cost {firm} money ({period})?",
         "A change of law on which subject worries {firm}, by the {period} filing?"),
    ),
    Topic(
        "buyback", "LIQUIDITY AND CAPITAL RESOURCES",
        ("The board set funds aside for {detail}.",
         "Management intends to use free funds for {detail} and for nothing else this year.",
         "Priority in the use of cash is given to {detail}."),
        ("an early repayment of notes", "the repurchase of shares", "a second assembly line",
         "the purchase of a leased building", "a pension plan's shortfall", "solar panels on three roofs",
         "the takeover of a dealer", "a special dividend"),
        ("What does {firm} intend to use its cash for, according to its {period} report?",
         "For what did the board of {firm} set funds aside ({period})?"),
        ("Where will the spare money of {firm} go, says the filing for {period}?",
         "What comes first when {firm} spends what it has in the bank ({period})?"),
    ),
    Topic(
        "labor", "BUSINESS",
        ("The collective agreement with {detail} was renewed for two years.",
         "Wages of {detail} are being negotiated; the present agreement has run out.",
         "The Company reached an understanding with {detail} about shift hours."),
        ("its drivers", "the warehouse crews", "the electricians", "laboratory staff", "the printers",
         "its field mechanics", "the welders", "the night watch"),
        ("With which group of employees did {firm} negotiate, according to its {period} report?",
         "Whose collective agreement does {firm} mention in {period}?"),
        ("Which workers came to terms with {firm}, or are about to ({period})?",
         "Who at {firm} has been talking about pay or hours, by the {period} filing?"),
    ),
)  # fmt: skip
