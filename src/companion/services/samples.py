"""Two tenants and their documents, written for the book: what a reader's own server starts with.

Both have a page on the same subjects, so that a search that mixes them up would show it.
"""

from __future__ import annotations

from uuid import UUID

from companion.services.database import Database, add_tenant, as_tenant, connect
from companion.services.documents import add_documents

ADA = UUID("ada00000-0000-4000-8000-000000000001")
BOB = UUID("b0b00000-0000-4000-8000-000000000002")
NAMES = {ADA: "Ada & Partners", BOB: "Bob's Bakery Group"}

SAMPLES: dict[UUID, list[tuple[str, str]]] = {
    ADA: [
        (
            "Breach notification",
            "Under GDPR Article 33 the supervisory authority is notified within 72 hours after we have become aware of "
            "a personal data breach. The duty partner decides whether the persons concerned are told too (Article 34).",
        ),
        (
            "Retention of client files",
            "Client files are kept for ten years after a matter is closed, then destroyed. Litigation holds suspend "
            "destruction, and are lifted in writing by the partner who placed them.",
        ),
        (
            "Service level of the document portal",
            "The portal is available 99.5 % of each month. Planned maintenance is announced three days ahead and does "
            "not count.",
        ),
        (
            "Limitation of liability",
            "Liability is limited to the fees paid in the twelve months before the claim, except for intent, gross "
            "negligence and injury to life or health.",
        ),
        (
            "Who may sign",
            "Contracts above 50,000 euros need two signatures, one of them a partner's. An agent that acts for a "
            "person signs nothing.",
        ),
        (
            "Subprocessors",
            "A processor engages no other processor without our prior written authorisation, and answers for it as "
            "for itself.",
        ),
        (
            "Termination for convenience",
            "Either party may end the agreement with three months' notice to the end of a quarter. What has been "
            "delivered until then is paid.",
        ),
        (
            "Seven ways to lose a case",
            "A training memo: missed deadlines, unread attachments, an expert who was never asked, a witness who was "
            "asked too often, the wrong court, the right court too late, and a client who was not told.",
        ),
    ],
    BOB: [
        (
            "When data leaks",
            "If customer data leaks, whoever finds it rings the manager on duty first. We report to the authority in "
            "three days at the latest, as GDPR Article 33 wants, and put a notice in the shops.",
        ),
        (
            "How long we keep receipts",
            "Receipts and invoices are kept for ten years in the cellar of the first shop, boxes marked with the year.",
        ),
        (
            "Ovens and downtime",
            "An oven that stands still for more than an hour is reported to the service company; they come within four "
            "hours, or the month is free.",
        ),
        (
            "Recipe of the rye sourdough",
            "Do not give this away: 900 g rye flour, 700 g water, 200 g starter, 18 g salt; three hours warm, one "
            "night cold, baked falling from 250 degrees.",
        ),
        (
            "Who may order",
            "Orders above 5,000 euros are signed by Bob. Flour is ordered by the shops themselves.",
        ),
    ],
}


def add_samples(database: Database) -> None:
    """Write the two tenants and their documents into a new database."""
    with connect(database.admin) as connection:
        for tenant, name in NAMES.items():
            add_tenant(connection, name, tenant)
    with connect(database.app) as connection:
        for tenant, documents in SAMPLES.items():
            with as_tenant(connection, tenant):
                add_documents(connection, documents)
