// fastify and pg: one statement for each event, over a pool of 20 connections.
// What a careful node developer would write on PostgreSQL.
//
// usage: node fastify_postgres.mjs URL
import Fastify from "fastify";
import { randomUUID } from "node:crypto";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.argv[2], max: 20 });
await pool.query(`
  create table contacts(id bigserial primary key,
    external_id text not null unique, n integer not null,
    step integer not null, updated_at timestamptz);
  create table events(id uuid not null, idem text not null unique,
    contact_id bigint not null, type text not null, metadata text,
    received_at timestamptz not null);
  create index events_by_contact on events(contact_id, received_at);
  create index events_by_type on events(type, received_at);`);

// A key that is there already inserts nothing and advances nobody.
const store = {
  name: "store",
  text: `
    with known as (select id from events where idem = $2),
    advanced as (
      insert into contacts(external_id, n, step, updated_at)
      select $3, 1, 1, now() where not exists (select from known)
      on conflict(external_id) do update set n = contacts.n + 1,
        step = (contacts.step + 1) % 5, updated_at = excluded.updated_at
      returning id),
    inserted as (
      insert into events(id, idem, contact_id, type, metadata, received_at)
      select $1, $2, id, $4, $5, now() from advanced
      returning id)
    select id, true as is_new from inserted
    union all select id, false from known`,
};

const app = Fastify({ logger: false });

app.post("/v1/events", async (request) => {
  const { type, contact, metadata } = request.body;
  const { rows } = await pool.query({
    ...store,
    values: [
      randomUUID(),
      request.headers["idempotency-key"],
      contact.external_id,
      type,
      JSON.stringify(metadata),
    ],
  });
  return {
    id: rows[0].id,
    type,
    contact,
    received_at: new Date().toISOString(),
    fan_out: { sequences_woken: rows[0].is_new ? 1 : 0, webhooks_dispatched: 0 },
  };
});

const url = await app.listen({ port: 0, host: "127.0.0.1" });
console.log(JSON.stringify({ ready: true, url }));
