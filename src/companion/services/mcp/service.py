"""The whole of it, for a page, a test or a first try: a database with two tenants, an issuer of tokens, and servers.

with document_service() as service, service.serve() as url:
    token = service.issuer.token(ADA, "ada", [READ], AUDIENCE)
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mcp.server.mcpserver import MCPServer

from companion.models.minilm import embed
from companion.services.database import Pool, open_database, open_pool
from companion.services.mcp.access import by_request
from companion.services.mcp.app import http_app
from companion.services.mcp.tools import document_server
from companion.services.samples import add_samples
from companion.services.serving import listening, running_on
from companion.services.tenancy.tokens import Issuer, Verifier

ISSUER = "https://issuer.example"
AUDIENCE = "mcp"
"""What a token for these servers says in `aud`: one for another service is refused."""


@dataclass(frozen=True)
class Service:
    """What servers share: the database, whose word on callers counts, and what seals their questions."""

    pool: Pool
    issuer: Issuer
    secret: bytes

    def server(self, url: str) -> MCPServer[Any]:
        """Make a replica that clients reach at an address."""
        verifier = Verifier(self.issuer.jwks(), self.issuer.name, AUDIENCE)
        return document_server(self.pool, embed, by_request, verifier=verifier, url=url, secret=self.secret)

    @contextlib.contextmanager
    def serve(self) -> Iterator[str]:
        """Serve a replica while the context lasts; give its address."""
        with listening() as (listener, address):
            url = f"http://{address}/mcp"
            with running_on(listener, http_app(self.server(url))):
                yield url


@contextlib.contextmanager
def document_service() -> Iterator[Service]:
    """Start a database with the documents of two tenants, and an issuer."""
    with open_database() as database:
        add_samples(database)
        with open_pool(database.app) as pool:
            yield Service(pool, Issuer(ISSUER), secrets.token_bytes(32))
