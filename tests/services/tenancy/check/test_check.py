"""The check finds each hole that is planted in the book's schema, and no other; its own cure mends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files

import jsonschema
import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.database import Server, Unreachable, connect
from companion.services.tenancy.check import BOUNDS, MOST, RULES, CheckError, check, look

SCHEMA = json.loads((files("companion.services.tenancy.check") / "check.schema.json").read_text("utf-8"))

NOTES = """
create table notes (tenant_id uuid not null, id uuid not null default gen_random_uuid(), word text,
                    primary key (tenant_id, id));
alter table notes owner to companion_owner;
alter table notes enable row level security, force row level security;
create policy tenant on notes using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on notes to companion_app;
"""
"""A table without holes."""

HOLES: dict[str, list[tuple[str, str]]] = {
    "no-row-security": [
        ("public.notes", "alter table notes disable row level security"),
        ("public.countries", "create table countries (name text); grant select on countries to companion_app"),
        ("public.countries", "create table countries (name text); grant insert (name) on countries to public"),
    ],
    "no-force": [("public.notes", "alter table notes no force row level security")],
    "role-bypasses": [
        ("companion_app", "alter role companion_app bypassrls"),
        ("companion_app", "alter role companion_app superuser"),
        ("companion_app", "create role backup bypassrls; grant backup to companion_app"),
    ],
    "role-owns": [
        ("companion_app", "alter table notes owner to companion_app"),
        ("companion_app", "grant companion_owner to companion_app"),
    ],
    "truncate-granted": [
        ("public.notes", "grant truncate on notes to companion_app"),
        ("public.notes", "grant truncate on notes to public"),
    ],
    "partition-granted": [
        ("public.parts_a", """
         create table parts (like notes including all) partition by list (tenant_id);
         create table parts_a partition of parts default;
         alter table parts enable row level security, force row level security;
         create policy tenant on parts using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
         grant select on parts_a to companion_app
         """),
    ],
    "sequence-settable": [
        ("public.notes_number_seq", """
         alter table notes add number serial; grant update on sequence notes_number_seq to companion_app
         """),
        ("public.notes_number_seq", """
         alter table notes add number bigint generated always as identity;
         grant all on sequence notes_number_seq to public
         """),
    ],
    "check-true": [
        ("public.notes: tenant", "alter policy tenant on notes with check (true)"),
        ("public.notes: adding", """
         drop policy tenant on notes; create policy adding on notes for insert with check (true)
         """),
    ],
    "using-true": [
        ("public.notes: readable", "create policy readable on notes for select using (true)"),
        ("public.notes: readable", """
         create role readers; grant readers to companion_app;
         create policy readable on notes to readers using (true)
         """),
    ],
    "permissive-pair": [
        ("public.notes", "create policy titled on notes for select using (word <> '')"),
        ("public.notes", "create policy titled on notes to companion_app using (word <> '') with check (word <> 'x')"),
    ],
    "setting-must-exist": [
        ("public.notes: tenant",
         "alter policy tenant on notes using (tenant_id = nullif(current_setting('app.tenant'), '')::uuid)"),
    ],
    "setting-without-nullif": [
        ("public.notes: tenant",
         "alter policy tenant on notes using (tenant_id = current_setting('app.tenant', true)::uuid)"),
    ],
    "policy-immutable": [
        ("public.notes: tenant", """
         create function tenant() returns uuid language sql immutable
         return nullif(current_setting('app.tenant', true), '')::uuid;
         alter policy tenant on notes using (tenant_id = tenant())
         """),
    ],
    "view-asks-as-owner": [
        ("public.words", "create view words as select word from notes; grant select on words to companion_app"),
        ("public.words", """
         create view words as select word from notes;
         create view long_words with (security_invoker = true) as select word from words where length(word) > 9;
         grant select on long_words to companion_app
         """),
        ("public.words", """
         create view inner_words with (security_invoker = true) as select word from notes;
         create view words as select word from inner_words; grant select (word) on words to public
         """),
    ],
    "view-without-barrier": [
        ("public.words", """
         create table pages (tenant_id uuid, word text);
         create view words as select word from pages
         where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid;
         grant select on words to companion_app
         """),
    ],
    "materialized-view": [
        ("public.words", """
         create materialized view words as select word from notes; grant select on words to companion_app
         """),
        ("public.words", """
         create view inner_words as select word from notes; alter view inner_words owner to companion_owner;
         create materialized view words as select word from inner_words; grant select on words to companion_app
         """),
    ],
    "definer-function": [
        ("public.words()", """
         create function words() returns setof text language sql security definer set search_path = ''
         begin atomic select word from public.notes; end
         """),
    ],
    "definer-search-path": [
        ("public.words(integer)", """
         create function words(int) returns setof text language sql security definer as 'select word from notes';
         alter function words(int) owner to companion_owner
         """),
        ("public.words()", """
         create function words() returns setof text language sql security definer set search_path = public, pg_catalog
         as 'select word from notes'; alter function words() owner to companion_owner
         """),
    ],
    "leakproof": [
        ("public.tell(text)", "create function tell(text) returns boolean language sql leakproof return $1 is null"),
        ("ts_match_vq(tsvector,tsquery)", "alter function ts_match_vq(tsvector, tsquery) leakproof"),
    ],
    "foreign-key-without-tenant": [
        ("public.marks: marks_note_fkey", """
         alter table notes add constraint ids unique (tenant_id, id, word);
         revoke insert, update on notes from companion_app; grant insert (word) on notes to companion_app;
         create unique index only_ids on notes (id);
         create table marks (tenant_id uuid not null, note uuid, primary key (tenant_id, note),
                             constraint marks_note_fkey foreign key (note) references notes (id));
         alter table marks enable row level security, force row level security
         """),
    ],
    "unique-without-tenant": [
        ("public.notes: notes_word_key", "alter table notes add unique (word)"),
        ("public.notes: notes_pkey",
         "alter table notes drop constraint notes_pkey, add primary key (id); create index on notes (tenant_id)"),
        ("public.notes: lower_word", "create unique index lower_word on notes (lower(word)) where word <> ''"),
    ],
    "index-behind-policy": [("public.documents: words", "create index words on documents using gin (search)")],
    "nearest-of-all-tenants": [
        ("public.documents: near", "create index near on documents using hnsw (embedding vector_cosine_ops)"),
        ("public.documents: near", "create index near on documents using ivfflat (embedding vector_cosine_ops)"),
    ],
    "no-index-on-tenant": [
        ("public.notes", "alter table notes drop constraint notes_pkey, add primary key (id, tenant_id)"),
    ],
}  # fmt: skip
EACH = [(rule, place, plant) for rule, planted in HOLES.items() for place, plant in planted]


@pytest.fixture(scope="module")
def admin(server: Server, service: str) -> Iterator[Connection[TupleRow]]:
    assert service
    with connect(f"{server.address.rpartition('/')[0]}/postgres") as outside:
        outside.execute("create database checked template companion")
        with connect(f"{server.address.rpartition('/')[0]}/checked") as connection:
            yield connection
        outside.execute("drop database checked with (force)")


@pytest.fixture
def copy(admin: Connection[TupleRow]) -> Iterator[Connection[TupleRow]]:
    """Give a copy of the book's schema that may be changed; what is changed is rolled back, roles too."""
    with admin.transaction(force_rollback=True):
        run(admin, NOTES)
        yield admin


def run(connection: Connection[TupleRow], statements: str) -> None:
    connection.execute("set local search_path = public")
    psycopg.ClientCursor(connection).execute(statements.encode())


def test_nothing_is_found_in_the_books_own_schema(copy: Connection[TupleRow]) -> None:
    report = look(copy)
    assert report.findings == () and report.cut == () and report.roles == ("companion_app",)
    assert {"public.documents", "public.audit", "public.notes"} <= set(report.settings)


def test_every_rule_has_a_hole_to_find() -> None:
    assert list(HOLES) == [rule.name for rule in RULES]


@pytest.mark.parametrize(
    ("rule", "place", "plant"), EACH, ids=[f"{rule} {number}" for number, (rule, *_) in enumerate(EACH)]
)
def test_a_planted_hole_is_found_alone_and_its_cure_mends_it(
    copy: Connection[TupleRow], rule: str, place: str, plant: str
) -> None:
    run(copy, plant)
    (found,) = look(copy, roles=["companion_app"]).findings
    assert (found.rule, found.object) == (rule, place)
    run(copy, found.cure)
    assert look(copy, roles=["companion_app"]).findings == ()


def test_a_database_full_of_holes_is_mended_by_its_cures(copy: Connection[TupleRow]) -> None:
    together = [planted[0][1].replace("notes", f"notes_{number}") for number, planted in enumerate(HOLES.values())]
    for number, plant in enumerate(together):
        run(copy, NOTES.replace("notes", f"notes_{number}"))
        run(copy, f"create schema s{number}; grant usage on schema s{number} to companion_app")
        copy.execute(f"set local search_path = s{number}, public".encode())
        psycopg.ClientCursor(copy).execute(plant.encode())
    run(copy, "alter role companion_app nosuperuser")  # whom everything is open to, so that nothing else shows
    first = look(copy, roles=["companion_app"])
    assert {one.rule for one in first.findings} >= set(HOLES) - {"role-bypasses"}
    for _ in range(4):
        for one in sorted(
            look(copy, roles=["companion_app"]).findings, key=lambda one: one.rule == "unique-without-tenant"
        ):
            run(copy, one.cure)
    assert look(copy, roles=["companion_app"]).findings == ()


HARMLESS = {
    "two policies that both keep to the tenant": """
        create policy own on notes for select using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
        and word <> '')""",
    "a permissive policy beside a restrictive one of the tenant": """
        drop policy tenant on notes; create policy titled on notes using (word <> '');
        create policy tenant on notes as restrictive using
        (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)""",
    "a policy for another role, by name": """
        create role dispatcher; create policy dispatch on notes for select to dispatcher using (true);
        create policy fill on notes for insert to dispatcher with check (true);
        create policy words on notes for select to dispatcher using (word <> '')""",
    "a view that asks as its caller": """
        create view words with (security_invoker = true) as select word from notes;
        grant select on words to companion_app""",
    "a view whose owner is bound": """
        create view words as select word from notes; alter view words owner to companion_owner;
        grant select on words to companion_app""",
    "a view that nobody of the application sees": "create view words as select word from notes",
    "a definer function that nobody of the application may call": """
        create function words() returns setof text language sql security definer set search_path = ''
        begin atomic select word from public.notes; end; revoke execute on function words() from public""",
    "a trigger": """
        create function note() returns trigger language plpgsql security definer set search_path = '' as
        'begin return new; end'; create trigger note before insert on notes for each row execute function note()""",
    "a table that the application does not reach": "create table own (word text)",
    "an immutable function that no policy calls": "create function one() returns int language sql immutable return 1",
    "a unique number that the application cannot choose": """
        alter table notes add number bigint generated always as identity unique""",
    "a setting that is text": """
        alter table notes add region text; create policy region on notes as restrictive using
        (region = current_setting('app.region', true))""",
    "a definer function whose tables are bound when it is made": """
        create function words() returns setof text language sql security definer
        begin atomic select word from public.notes; end; alter function words() owner to companion_owner""",
    "a number that the application may draw and not set": """
        alter table notes add number serial; grant usage on sequence notes_number_seq to companion_app""",
    "an index for each part where the parts are the tenants": """
        create table parts (like notes) partition by list (tenant_id);
        create table parts_a partition of parts default; alter table parts owner to companion_owner;
        alter table parts enable row level security, force row level security;
        create policy tenant on parts using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
        grant select on parts to companion_app""",
    "a nearest-neighbour index for which the scan goes on": """
        create index near on documents using hnsw (embedding vector_cosine_ops);
        alter role companion_app set hnsw.iterative_scan = strict_order""",
}  # fmt: skip


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_no_hole_is_not_reported(copy: Connection[TupleRow], what: str) -> None:
    run(copy, HARMLESS[what])
    assert look(copy, roles=["companion_app"]).findings == ()


def test_a_shared_table_is_accepted_by_name(copy: Connection[TupleRow]) -> None:
    run(copy, HOLES["no-row-security"][1][1])
    assert look(copy, shared=["public.countries"]).findings == ()
    with pytest.raises(CheckError, match=r'relation "public\.nowhere" does not exist'):
        look(copy, shared=["public.nowhere"])


def test_a_role_that_is_not_there_is_refused(copy: Connection[TupleRow]) -> None:
    with pytest.raises(CheckError, match="there is no role 'nobody'"):
        look(copy, roles=["nobody"])


def test_a_tenant_may_have_another_column_and_another_setting(copy: Connection[TupleRow]) -> None:
    run(copy, "drop schema public cascade; create schema public; grant usage on schema public to companion_app")
    run(copy, "create table shops (owner_no bigint, name text); grant select on shops to companion_app")
    run(copy, "create table sales (owner_no bigint primary key)")
    run(copy, "alter table sales enable row level security, force row level security")
    run(copy, "create policy o on sales using (owner_no = current_setting('my.owner')::bigint)")
    found = {(one.rule, one.object): one.cure for one in look(copy, column="owner_no").findings}
    assert found["no-row-security", "public.shops"].endswith(
        "create policy tenant on public.shops using (owner_no = nullif(current_setting('my.owner', true), '')::bigint);"
    )


def test_only_so_much_of_one_rule_is_listed(copy: Connection[TupleRow]) -> None:
    tables = "".join(
        f"create table t{number} (a int); grant select on t{number} to companion_app;" for number in range(MOST + 5)
    )
    run(copy, tables)
    report = look(copy)
    assert len(report.findings) == MOST and report.cut == ("no-row-security",)
    assert report.lines()[-3] == "no-row-security: there is more than is listed here"


def test_nothing_can_be_changed_by_whoever_asks(server: Server, service: str) -> None:
    assert check(service) == check(server.address)
    with connect(server.address) as connection, connection.transaction():
        psycopg.ClientCursor(connection).execute(BOUNDS.encode())
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("create table made (a int)")


def test_nobody_at_the_address_is_said(server: Server) -> None:
    with pytest.raises(Unreachable):
        check("postgresql://nobody:x@127.0.0.1:9/nothing")


def test_a_question_that_takes_too_long_is_ended(admin: Connection[TupleRow]) -> None:
    with admin.transaction(force_rollback=True):
        admin.execute("set local statement_timeout = 1")
        with pytest.raises(CheckError, match="statement timeout"):
            look(admin)


def test_the_json_is_as_its_schema_says_and_the_lines_say_the_same(copy: Connection[TupleRow]) -> None:
    run(copy, HOLES["no-force"][0][1])
    report = look(copy)
    jsonschema.validate(report.as_json(), SCHEMA)
    assert report.as_json()["summary"] == {"leak": 1, "fault": 0, "price": 0}
    lines = report.lines()
    assert lines[0].startswith(
        "leak: public.notes: the owner, and each function and view of the owner, reads every row"
    )
    assert lines[1] == "    pg_class.relforcerowsecurity is false; owned by companion_owner"
    assert lines[2] == "    alter table public.notes force row level security;"
    assert lines[3] == "checked, as companion_app may use it: leak 1, fault 0, price 0"
    assert "the tenant is a setting" in lines[4]
