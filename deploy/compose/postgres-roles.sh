#!/bin/sh
# Written by `weft emit compose` from the roster: change it there.
# Services own nothing and are bound by row security; the owner alone changes tables.
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
  -v owner="$OWNER_PASSWORD" -v service="$SERVICE_PASSWORD" -v system="$SYSTEM_PASSWORD" -v database="$POSTGRES_DB" <<'SQL'
CREATE ROLE weft_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE weft_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'service';
CREATE ROLE weft_system LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'system';
ALTER DATABASE :"database" OWNER TO weft_owner;
SQL
