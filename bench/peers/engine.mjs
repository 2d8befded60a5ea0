// json-logic-js and compiled handlebars.js on the rules and templates of
// bench/engine_cases.json: a line of JSON {"case", "ns"} for each.
//
// usage: node engine.mjs CASES MILLISECONDS
import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import jsonLogic from 'json-logic-js';

const [file, milliseconds] = process.argv.slice(2);
const { rules, templates, data } = JSON.parse(readFileSync(file, 'utf8'));
let kept = 0; // so that no call can be left out

// Nanoseconds of one call, after a warm-up as long as the measurement.
function measure(call) {
  for (const measured of [false, true]) {
    const begin = process.hrtime.bigint();
    const end = begin + BigInt(milliseconds) * 1_000_000n;
    let calls = 0;
    while (process.hrtime.bigint() < end) {
      for (let i = 0; i < 200; ++i) kept += call() ? 1 : 0;
      calls += 200;
    }
    if (measured) return Number(process.hrtime.bigint() - begin) / calls;
  }
}

rules.forEach((rule, i) => {
  const ns = measure(() => jsonLogic.apply(rule, data));
  console.log(JSON.stringify({ case: `rule ${i + 1}`, ns }));
});
templates.forEach((template, i) => {
  const compiled = Handlebars.compile(template);
  const ns = measure(() => compiled(data).length);
  console.log(JSON.stringify({ case: `template ${i + 1}`, ns }));
});
if (kept < 0) console.log(kept);
