"""What an agent says of itself, and how a caller knows that nobody else said it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jwt
from a2a.types import a2a_pb2 as pb
from a2a.utils.signing import create_agent_card_signer, create_signature_verifier

from companion.services.a2a.server.guard import RPC
from companion.services.tenancy.tokens import ALGORITHM, Key

REST = "/rest"
RESUMABLE = "urn:companion:a2a:resumable-streams:v1"
"""The extension that `streams` describes."""
MAX_AGE = "public, max-age=300"

CardVerifier = Callable[[pb.AgentCard], None]


def make_card(name: str, description: str, url: str, skills: Sequence[pb.AgentSkill]) -> pb.AgentCard:
    """Describe an agent of this server.

    Parameters
    ----------
    name, description : str
        Who it is.
    url : str
        Where the server is to be found, such as ``http://127.0.0.1:8000``.
    skills : sequence of AgentSkill
        What it can do; at least one.
    """
    bearer = pb.HTTPAuthSecurityScheme(scheme="bearer", bearer_format="JWT", description="For the audience `a2a`.")
    return pb.AgentCard(
        name=name,
        description=description,
        version="1.0.0",
        supported_interfaces=[
            pb.AgentInterface(url=f"{url}{RPC}", protocol_binding="JSONRPC", protocol_version="1.0"),
            pb.AgentInterface(url=f"{url}{REST}", protocol_binding="HTTP+JSON", protocol_version="1.0"),
        ],
        capabilities=pb.AgentCapabilities(
            streaming=True,
            push_notifications=True,
            extended_agent_card=False,
            extensions=[
                pb.AgentExtension(
                    uri=RESUMABLE,
                    description="Events have ids; a subscription with Last-Event-ID goes on behind that event.",
                )
            ],
        ),
        security_schemes={"bearer": pb.SecurityScheme(http_auth_security_scheme=bearer)},
        security_requirements=[pb.SecurityRequirement(schemes={"bearer": pb.StringList(list=["read", "write"])})],
        default_input_modes=["text/plain", "application/json"],
        default_output_modes=["text/plain"],
        skills=skills,
    )


def sign(card: pb.AgentCard, key: Key) -> pb.AgentCard:
    """Give a copy of a card with a signature (JWS over its canonical JSON)."""
    signed = pb.AgentCard()
    signed.CopyFrom(card)
    private = jwt.PyJWK(jwt.algorithms.RSAAlgorithm.to_jwk(key.private, as_dict=True) | {"alg": ALGORITHM})
    signer = create_agent_card_signer(private, {"kid": key.kid, "alg": ALGORITHM, "jku": None, "typ": "JOSE"})
    return signer(signed)


def verifier(public: Sequence[dict[str, object]]) -> CardVerifier:
    """Give what a caller checks cards with: keys that he trusts beforehand, whatever address a card names for its own.

    Parameters
    ----------
    public : sequence of dict
        JSON Web Keys.

    Returns
    -------
    callable
        Takes a card, and raises `a2a.utils.signing.SignatureVerificationError`.
    """
    keys = {str(key["kid"]): jwt.PyJWK(key) for key in public}

    def trusted(kid: str | None, jku: str | None) -> jwt.PyJWK:
        if kid not in keys:
            raise jwt.PyJWKError("no such key is trusted")
        return keys[kid]

    return create_signature_verifier(trusted, [ALGORITHM])
