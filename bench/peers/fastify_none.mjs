// fastify without storage: the most that a node web application can accept on
// one core.
import Fastify from "fastify";
import { randomUUID } from "node:crypto";

const app = Fastify({ logger: false });

app.post("/v1/events", async (request) => ({
  id: randomUUID(),
  type: request.body.type,
  contact: request.body.contact,
  received_at: new Date().toISOString(),
  fan_out: { sequences_woken: 1, webhooks_dispatched: 0 },
}));

const url = await app.listen({ port: 0, host: "127.0.0.1" });
console.log(JSON.stringify({ ready: true, url }));
