"""Routes through policies that say something else than their author meant, and rights that ask no policy."""

from __future__ import annotations

from companion.services.tenancy.leaks.laboratory import TENANT, Attempt, Laboratory, Route, Seen, query

CHECKED = f"drop policy tenant on documents; create policy tenant on documents using (tenant_id = {TENANT})"
RESTRICTIVE = CHECKED.replace("using", "as restrictive using")
UNCHECKED = CHECKED + " with check (true)"
PER_COMMAND = f"""
drop policy tenant on documents;
create policy reading on documents for select using (tenant_id = {TENANT});
create policy writing on documents for insert with check (true);
"""

TITLED = "create policy titled on documents for select using (title <> '');"
"""Whoever wrote it meant to hide the untitled ones; but policies are permissive, and permissive ones are OR-ed."""


def change(statement: str, told: str, witness: str) -> Attempt:
    """Give the attempt that changes something of B's, and is seen by a superuser afterwards."""

    def attempt(lab: Laboratory) -> Seen:
        before = lab.ask(witness)
        with lab.request() as connection:
            connection.execute(lab.filled(statement).encode())
        changed = lab.ask(witness) - before
        return Seen(changed != 0, told.format(abs(changed)) if changed else "nothing of B's changed")

    return attempt


B_ROWS = "select count(*) from documents where tenant_id = '{B}'"

ROUTES = (
    Route("INSERT, WITH CHECK (true)", change("insert into documents (tenant_id, title, body) values ('{B}', '', '')",
          "{} row planted in B", B_ROWS), setup=PER_COMMAND,
          cure=f"alter policy writing on documents with check (tenant_id = {TENANT})", remedy="WITH CHECK as USING"),
    Route("UPDATE, WITH CHECK (true)", change("update documents set tenant_id = '{B}'", "{} rows moved to B", B_ROWS),
          setup=UNCHECKED, cure=CHECKED, remedy="no WITH CHECK of its own: USING holds"),
    Route("the same UPDATE, with a WHERE", change("update documents set tenant_id = '{B}' where title <> ''",
          "{} rows moved to B", B_ROWS), setup=UNCHECKED),
    Route("a second permissive policy", query("select body from documents"), setup=TITLED,
          cure=RESTRICTIVE,
          remedy="the tenant's policy AS RESTRICTIVE"),
    Route("DELETE", change("delete from documents", "{} rows of B gone", B_ROWS)),
    Route("TRUNCATE", change("truncate documents", "{} rows of B gone", B_ROWS),
          setup="grant truncate on documents to companion_app",
          cure="revoke truncate on documents from companion_app", remedy="never grant it"),
)  # fmt: skip
