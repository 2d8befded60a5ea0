// Stands between a client and Troupe and treats every second request badly
// once or twice, by a schedule that its seed gives, before it lets it pass: a
// client that retries twice gets everything through.
//
// usage: node unreliable_front.mjs TARGET SEED FAULT…
//   429     answers it, with Retry-After: 1
//   500     answers it
//   lost    drops the connection before Troupe hears of the request
//   unheard passes the request on and drops the connection before the answer
// Prints its URL, and when its input ends what it did: {"429": 3, …}.
import http from 'node:http';
import { gunzipSync } from 'node:zlib';

const [target, seed, ...faults] = process.argv.slice(2);

// mulberry32: small, and the same everywhere.
let state = Number(seed);
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * below);
}

const done = Object.fromEntries(['passed', ...faults].map((each) => [each, 0]));
const owed = new Map(); // faults still to come, by request
let hand = []; // kinds of faults: each once before any comes again

// A retry is not the same text when it says when it was sent.
function nameOf(request, body) {
  const text = (body[0] === 0x1f ? gunzipSync(body) : body).toString();
  const id = /"(?:messageId|message_id|uuid|insert_id)":"([^"]+)"/.exec(text);
  return `${request.method} ${request.url} ${id ? id[1] : text}`;
}

function next(name) {
  if (!/^(POST|PUT) /.test(name)) return 'passed';
  if (!owed.has(name))
    owed.set(name, owed.size % 2 === 0 ? 1 + random(2) : 0);
  const left = owed.get(name);
  if (left === 0 || faults.length === 0) return 'passed';
  owed.set(name, left - 1);
  if (hand.length === 0) hand = [...faults];
  return hand.splice(random(hand.length), 1)[0];
}

function refuse(response, status, headers) {
  response.writeHead(status, { 'content-type': 'application/json',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Retry-After', ...headers });
  response.end(JSON.stringify({ code: status, error: 'on schedule' }));
}

function pass(request, body, answered) {
  const onward = http.request(target + request.url, {
    method: request.method, headers: request.headers });
  onward.on('response', (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => answered(answer, Buffer.concat(parts)));
  });
  onward.on('error', () => answered());
  onward.end(body);
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    const what = next(nameOf(request, body));
    ++done[what];
    if (what === '429') return refuse(response, 429, { 'retry-after': '1' });
    if (what === '500') return refuse(response, 500, {});
    if (what === 'lost') return request.socket.destroy();
    pass(request, body, (answer, told) => {
      if (what === 'unheard' || !answer) return request.socket.destroy();
      response.writeHead(answer.statusCode, answer.headers);
      response.end(told);
    });
  });
});
server.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on('end', () => {
  console.log(JSON.stringify(done));
  process.exit(0);
});
