-- A document's row is some four thousand bytes: its text, the words that are searched, and a vector of 1,544. By default
-- PostgreSQL moves values out of a row that has more than two thousand, and a search that looks at all rows of a tenant
-- then fetches each value from elsewhere: rows that stay whole take a half to a third of the time (chapter 11).

set local role companion_owner;

alter table documents set (toast_tuple_target = 8160);

reset role;
