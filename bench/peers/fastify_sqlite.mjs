// fastify and better-sqlite3 with group commit: the requests of one turn of
// the event loop share one transaction (WAL, synchronous=FULL) and are answered
// after its commit. What a careful node developer would write.
//
// usage: node fastify_sqlite.mjs DIRECTORY
import Database from "better-sqlite3";
import Fastify from "fastify";
import { randomUUID } from "node:crypto";

const database = new Database(`${process.argv[2]}/node.db`);
database.pragma("journal_mode=WAL");
database.pragma("synchronous=FULL");
database.pragma("cache_size=-262144");
database.exec(`
  create table contacts(id integer primary key,
    external_id text not null unique, n integer not null,
    step integer not null, updated_at integer);
  create table events(id text not null, idem text not null unique,
    contact_id integer not null, type text not null, metadata text,
    received_at integer not null);
  create index events_by_contact on events(contact_id, received_at);
  create index events_by_type on events(type, received_at);`);

const advanceContact = database.prepare(`
  insert into contacts(external_id, n, step, updated_at) values(?, 1, 1, ?)
  on conflict(external_id) do update set
    n = n + 1, step = (step + 1) % 5, updated_at = excluded.updated_at
  returning id`);
const insertEvent = database.prepare(`
  insert into events(id, idem, contact_id, type, metadata, received_at)
  values(?, ?, ?, ?, ?, ?)`);
const findByKey = database.prepare("select id from events where idem = ?");

let waiting = [];

function commitWaiting() {
  const group = waiting;
  waiting = [];
  database.exec("begin immediate");
  for (const one of group) {
    const first = findByKey.get(one.key);
    if (first) {
      one.id = first.id;
      continue;
    }
    const now = Date.now();
    const contact = advanceContact.get(one.externalId, now).id;
    insertEvent.run(one.id, one.key, contact, one.type, one.metadata, now);
    one.isNew = 1;
  }
  database.exec("commit");
  for (const one of group) one.answer(one);
}

function store(event) {
  return new Promise((answer) => {
    if (!waiting.length) setImmediate(commitWaiting);
    waiting.push({ ...event, answer, isNew: 0 });
  });
}

const app = Fastify({ logger: false });

app.post("/v1/events", (request, reply) => {
  const { type, contact, metadata } = request.body;
  store({
    id: randomUUID(),
    key: request.headers["idempotency-key"],
    externalId: contact.external_id,
    type,
    metadata: JSON.stringify(metadata),
  }).then(({ id, isNew }) =>
    reply.send({
      id,
      type,
      contact,
      received_at: new Date().toISOString(),
      fan_out: { sequences_woken: isNew, webhooks_dispatched: 0 },
    }),
  );
});

const url = await app.listen({ port: 0, host: "127.0.0.1" });
console.log(JSON.stringify({ ready: true, url }));
