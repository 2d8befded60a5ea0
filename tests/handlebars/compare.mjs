// Renders the same templates with handlebars.js and with Troupe: both must
// give the same bytes, or both refuse, or Troupe refuse what it documents.
//
// usage: node compare.mjs RENDERER [SEED [COUNT]]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Maker } from './make.mjs';

const [renderer, seedGiven, countGiven] = process.argv.slice(2);
const seed = Number(seedGiven ?? Math.floor(Math.random() * 2 ** 32));
const count = Number(countGiven ?? 6000);
console.log(`seed ${seed}, ${count} random templates`);

const Handlebars = createRequire(`${process.cwd()}/`)('handlebars');
Handlebars.logger.log = () => {}; // it warns of names that are not own

// What docs/templates.md says Troupe does not have, by its messages.
const documented = [
  'are not supported', 'there is no helper', 'is a helper: write',
  'is not known; there are', 'is no block', 'takes exactly', 'needs two',
  'a name is expected', 'nested', 'cannot begin a name', 'needs a value',
  'only `(lookup',
];
// JavaScript's own, of data that has `toString`.
const unprintable = 'Cannot convert object to primitive value';
// Accepted by Troupe although handlebars.js has no grammar for it: a.0, a.true
const wider = /[./](?:\d+|true|false|null|undefined)\s*[~})\s]/;

function judge({ template, data, escape }) {
  try {
    return { text: Handlebars.compile(template, { noEscape: !escape })(data) };
  } catch (reason) {
    return { error: reason.message };
  }
}

const corpus = JSON.parse(
  readFileSync(new URL('corpus.json', import.meta.url)));
const cases = corpus.templates.flatMap((template) =>
  [true, false].map((escape) => ({ template, data: corpus.data, escape })));
const written = cases.length;
const maker = new Maker(seed);
for (let i = 0; i < count; ++i) cases.push(maker.case());

const { stdout, status } = spawnSync(renderer, {
  input: cases.map((one) => JSON.stringify(one) + '\n').join(''),
  encoding: 'utf8',
  maxBuffer: 2 ** 30,
});
const answers = stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line));
if (status !== 0 || answers.length !== cases.length)
  throw new Error(`${renderer} ended with ${status}`);

const seen = { equal: 0, refused: 0, documented: 0, wider: 0,
  unprintable: 0 };
let different = 0;
cases.forEach((one, i) => {
  const ours = answers[i];
  const theirs = judge(one);
  // Two halves of a pair meet in JavaScript's text only.
  const expected = theirs.text?.toWellFormed();
  if (ours.text !== undefined && ours.text === expected) ++seen.equal;
  else if (ours.error && theirs.error) ++seen.refused;
  else if (i >= written && ours.error
    && documented.some((part) => ours.error.includes(part))) ++seen.documented;
  else if (i >= written && theirs.error && wider.test(one.template))
    ++seen.wider;
  else if (theirs.error === unprintable) ++seen.unprintable;
  else if (++different <= 10)
    console.log(JSON.stringify({ ...one, handlebars: theirs, troupe: ours },
      null, 1));
});
console.log(seen, `different: ${different}`);
// Should the generator make nothing that renders, nothing would be judged.
process.exit(different > 0 || seen.equal < count / 2 ? 1 : 0);
