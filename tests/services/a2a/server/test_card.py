from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from a2a.types import a2a_pb2 as pb
from a2a.utils.signing import InvalidSignaturesError, NoSignatureError, SignatureVerificationError

from companion.services.a2a.server.card import make_card, sign, verifier
from companion.services.tenancy.tokens import Key

KEY = Key.new()
SKILL = pb.AgentSkill(id="read", name="Read", description="Reads.", tags=["read"])


def card() -> pb.AgentCard:
    return make_card("Reader", "Reads documents.", "https://agent.example", [SKILL])


def test_a_signed_card_is_verified_by_a_key_that_is_trusted() -> None:
    plain = card()
    signed = sign(plain, KEY)
    verifier([KEY.public()])(signed)
    assert not plain.signatures, "the card itself is left alone"


CHANGES: dict[str, Callable[[pb.AgentCard], object]] = {
    "the address": lambda card: setattr(card.supported_interfaces[0], "url", "https://evil.example/rpc"),
    "the description": lambda card: setattr(card, "description", "Reads, and sends it to me."),
    "a skill more": lambda card: card.skills.append(
        pb.AgentSkill(id="pay", name="Pay", description="Pays.", tags=["pay"])
    ),
    "a default left out": lambda card: card.capabilities.ClearField("extended_agent_card"),
    "a security scheme less": lambda card: card.security_schemes.clear(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_card_that_was_changed_is_refused(what: str) -> None:
    signed = sign(card(), KEY)
    CHANGES[what](signed)
    with pytest.raises(InvalidSignaturesError):
        verifier([KEY.public()])(signed)


def test_a_card_without_its_signature_is_refused() -> None:
    with pytest.raises(NoSignatureError):
        verifier([KEY.public()])(card())


@pytest.mark.parametrize("same_kid", [False, True])
def test_a_card_that_another_has_signed_is_refused(same_kid: bool) -> None:
    other = Key.new()
    signed = sign(card(), Key(KEY.kid, other.private) if same_kid else other)
    with pytest.raises(SignatureVerificationError):
        verifier([KEY.public()])(signed)


def test_the_sdk_asks_for_no_signature_unless_it_is_told_to() -> None:
    import httpx
    from a2a.client.card_resolver import A2ACardResolver
    from google.protobuf.json_format import MessageToDict

    unsigned = MessageToDict(card())

    async def resolve() -> pb.AgentCard:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json=unsigned))
        async with httpx.AsyncClient(transport=transport) as client:
            resolver = A2ACardResolver(client, "https://agent.example")
            with pytest.raises(NoSignatureError):
                await resolver.get_agent_card(signature_verifier=verifier([KEY.public()]))
            return await resolver.get_agent_card()

    assert asyncio.run(resolve()) == card()
