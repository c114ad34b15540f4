"""Who calls? A token says it, and every tool asks.

Over HTTP each request carries a token, which the SDK hands to `Bearer` before anything else runs. Over stdio there are
no requests to carry one: the process that starts the server gives it one for its whole life. Either way a tool asks
again, whenever it begins something, whether the token still holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.mcpserver.exceptions import ToolError

from companion.services.tenancy.tokens import Claims, InvalidToken, Verifier

READ, WRITE = "read", "write"
"""What a token may allow."""

Caller = Callable[[], Claims]
"""Says for whom the call that is running acts; raises ToolError when nobody stands behind it."""


class Bearer(TokenVerifier):
    """The tokens of `Authorization: Bearer ...`; one that does not hold is a 401 before any tool is looked up."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def verify_token(self, token: str) -> AccessToken | None:
        """Give what a token allows, or None."""
        try:
            claims = self._verifier.verify(token)
        except InvalidToken:
            return None
        return AccessToken(
            token=token,
            client_id=str(claims.tenant),  # what is sealed for one tenant's user is not for another's of that name
            subject=claims.user,
            scopes=sorted(claims.scopes),
            expires_at=int(claims.expires),  # a float here makes every answer of the SDK a 500
            resource=self._verifier.audience,
            claims={"iss": self._verifier.issuer, "verified": claims},
        )


def by_request() -> Claims:
    """Give who stands behind the HTTP request that is being answered."""
    token = get_access_token()
    if token is None or token.claims is None:
        raise ToolError("this needs a token")
    verified: Claims = token.claims["verified"]
    if verified.expires <= time.time():  # it held when the request came, and some tools take a while
        raise ToolError("the token does not hold: it has expired")
    return verified


def by_process(token: str, verifier: Verifier) -> Caller:
    """Give who stands behind a server on stdio: always the same, as long as its token holds."""

    def caller() -> Claims:
        try:
            return verifier.verify(token)
        except InvalidToken as error:
            raise ToolError(f"the token that this server was started with does not hold: {error}") from None

    return caller
