"""The figures of chapter 10."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.figures import Figure, Message, Moment, Panel, Series, lines, matrix, sequence
from companion.services.tenancy.breaches.stolen import HOUR
from companion.services.tenancy.leaks import FORMS


def figure_forms(leaking: Mapping[str, Sequence[str]]) -> Figure:
    """Draw which form of a statement gets through which policy.

    Parameters
    ----------
    leaking : mapping of str to sequence of str
        For each policy the forms by which rows of another tenant came back.
    """
    cells = {
        (form, policy): "leaks" if form in found else "stopped" for form in FORMS for policy, found in leaking.items()
    }
    told = ", ".join(f"{len(found)} ({policy})" for policy, found in leaking.items())
    return matrix(
        f"Of {len(FORMS)} forms leak {told}", "where the tenant is changed", "what the policy reads", cells,
        {"stopped": "-", "leaks": "B"},
    )  # fmt: skip


def figure_exchange() -> Figure:
    """Draw how an agent comes to a token that the next service accepts."""
    user, agent, issuer, tools = "Ada", "agent", "issuer", "MCP server"
    return sequence(
        "The agent shows Ada's token to the issuer, and never to the tools",
        "time",
        [
            Message(user, agent, "question + token for the agent", 0, 1),
            Message(agent, issuer, "exchange this: to read, at MCP", 1, 2),
            Moment(issuer, "no more than Ada has allowed", 2),
            Message(issuer, agent, "Ada by agent, for MCP, minutes", 3, 4),
            Message(agent, tools, "get_document + that token", 4, 5),
            Moment(tools, "Ada's tenant, Ada's rows", 5, marked=True),
            Message(tools, agent, "the document, or none", 6, 7),
        ],
        participants=(user, agent, issuer, tools),
        ticks=False,
    )


def figure_stolen(waits: Sequence[float], good: Mapping[str, Sequence[float]]) -> Figure:
    """Draw which share of stolen tokens still opens something, after the thief has waited.

    Parameters
    ----------
    waits : sequence of float
        In seconds.
    good : mapping of str to sequence of float
        For each life of a token the share, from 0 to 1, after each wait.
    """
    after = min(range(len(waits)), key=lambda at: abs(waits[at] - HOUR))
    hours = [wait / HOUR for wait in waits]
    told = ", ".join(f"{100 * shares[after]:.0f} % of those of {life}" for life, shares in good.items())
    return lines(
        f"An hour after the theft {told} are still good",
        "hours since the theft",
        [Panel("still good (%)", [Series(f"good for {life}", hours, [100 * share for share in shares], points=True)
                                  for life, shares in good.items()])],
    )  # fmt: skip


def figure_foreign(tenants: Sequence[int], served: Sequence[float], formula: Sequence[float]) -> Figure:
    """Draw the share of all answers that are another tenant's, over the number of tenants, beside the closed form."""
    last = f"With {tenants[-1]} tenants {100 * served[-1]:.0f} % of all answers are another tenant's"
    measured = Series("served", tenants, [100 * share for share in served], points=True)
    expected = Series("h (1 - 1/T)", tenants, [100 * share for share in formula])
    return lines(last, "tenants", [Panel("another tenant's answers (%)", [measured, expected])], log_x=True)
