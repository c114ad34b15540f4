"""What to do about a change, in one line."""

from __future__ import annotations

from companion.calls.wire.evolution.compare.shapes import Shape


def advise(format_: str, was: Shape | None, now: Shape | None, of_tag: str, forward: str, backward: str) -> str:
    """Choose the line for one field.

    Parameters
    ----------
    format_
        The name of the format.
    was, now
        The field in the old and in the new version, if it is there.
    of_tag
        The field of the other version that has this one's tag under another name.
    forward, backward
        The letters of both directions.
    """
    if forward == backward == "=":
        return "nothing to do"
    by_name = format_ == "JSON Schema"
    if was is None and now is not None:
        return _added(now, of_tag, forward, backward, by_name=by_name)
    if now is None and was is not None:
        return _removed(was, of_tag, backward, by_name=by_name)
    if was is None or now is None or (was.kind == now.kind and was.tag == now.tag and was.required == now.required):
        return "values have changed inside it: teach the readers first, then let writers use the new ones"
    if was.tag != now.tag:
        return f"give it back its tag {was.tag}: on this wire the tag is the name"
    if was.required != now.required:
        return "make it optional on both sides first; require it when every writer sends it"
    if by_name:
        return "let readers accept both types first, then change the writers"
    return "leave it as it is; add a field with a new tag, write both until every reader has moved"


def _added(now: Shape, of_tag: str, forward: str, backward: str, *, by_name: bool) -> str:
    if "W" in (forward, backward) and of_tag:
        return f"give it a tag of its own and reserve {now.tag}; if it is {of_tag} renamed, say so with --renamed"
    if forward == "E":
        return "do not require it until every writer sends it"
    if backward == "E":
        return "old readers refuse what they do not know: let them accept more before you send it"
    if forward == "z" and isinstance(now.default, list | dict):  # which no .proto can declare optional
        return "a reader cannot tell an empty one from never sent: add a field that says so, if the difference matters"
    if forward == "z" and not by_name:
        return "a reader cannot tell 0 from never sent: declare it optional, if the difference matters"
    return "readers must expect None, until every writer sends it"


def _removed(was: Shape, of_tag: str, backward: str, *, by_name: bool) -> str:
    if of_tag and backward == "W":
        return f"reserve {was.tag}; if it was renamed to {of_tag}, say so with --renamed"
    if backward == "E":
        return "old readers require it: release readers that do not, then remove it"
    if by_name:
        return "old readers see None: remove it when none of them reads it"
    return f"reserve tag {was.tag}; old readers see {was.default!r} from now on"
