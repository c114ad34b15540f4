"""The figures of the acknowledgements: what a power cut leaves, and what comes twice."""

from collections.abc import Mapping

from companion.figures import Figure, bars


def figure_left(left: Mapping[str, int], acknowledged: int) -> Figure:
    """Draw how many acknowledged messages are there after each fault, in the order given."""
    worst = min(left, key=lambda fault: left[fault])
    title = f"Of {acknowledged:,} acknowledged messages, {worst} leaves {left[worst] or 'none'}"
    return bars(title, "messages in the stream after a restart", {name: {"left": n} for name, n in left.items()})


def figure_duplicates(figures: Mapping[str, float], kills: int) -> Figure:
    """Draw what came twice while a broker was killed, with message ids and without; from `count_duplicates`."""
    groups = {
        name: {
            "stored twice": figures[f"stored_twice_{key}"],
            "delivered again": figures[f"delivered_again_{key}"],
        }
        for name, key in (("no message ids", "plain"), ("message ids", "with_ids"))
    }
    again = groups["message ids"]["delivered again"]
    title = f"{kills} kills: message ids keep the stream clean, and {again:.0f} deliveries are repeated all the same"
    return bars(title, "messages", groups)
