"""The figure of all wires: what one call weighs on each."""

from collections.abc import Mapping

from companion.figures import Figure, bars


def figure_bytes(sizes: Mapping[str, tuple[int, int]]) -> Figure:
    """Draw the bytes of one call on each wire, the lightest first, on a logarithmic axis.

    Parameters
    ----------
    sizes : mapping of str to (int, int)
        By wire: the bytes of the request and of its answer, on an open connection.
    """
    ordered = sorted(sizes, key=lambda name: sum(sizes[name]))
    least, most = ordered[0], ordered[-1]
    times = sum(sizes[most]) / sum(sizes[least])
    title = f"The same question takes {times:.0f} times as many bytes on {most} as on {least}"
    groups = {name: {"request": float(sizes[name][0]), "answer": float(sizes[name][1])} for name in ordered}
    return bars(title, "bytes of one call on an open connection (log scale)", groups, log=True)
