// Sends the steps through a client for browsers, on a page in Chromium that
// stays open until the input ends; fails when the page finds fault.
//
// usage: node page.mjs DRIVER URL KEY USER COUNT PAUSE_MS
import { build } from 'esbuild';
import { launch, serve, watch } from './browser.mjs';

const [driver, url, key, user, count, pause] = process.argv.slice(2);
const { outputFiles: [script] } = await build({
  stdin: { resolveDir: '.', contents: `
    import open from './drivers/${driver}.mjs';
    import { steps } from './steps.mjs';
    window.send = async (given, ...rest) => steps(await open(given), ...rest);
  ` },
  bundle: true, write: false, format: 'iife', platform: 'browser',
  logLevel: 'error' });
const { origin } = await serve(
  `default-src 'none'; script-src 'self'; connect-src ${url}`, (path) => ({
    '/': { type: 'text/html', body:
      '<!doctype html><title>Shop</title><script src="/page.js"></script>' },
    '/page.js': { type: 'text/javascript', body: script.contents },
  })[path]);

const browser = await launch();
const page = await browser.newPage();
const wrong = watch(page);
await page.goto(origin);
await page.evaluate((given) => window.send(...given),
  [{ url, key }, user, Number(count), Number(pause)]);
console.log('sent');
for await (const _ of process.stdin);
await browser.close();
if (wrong.length) console.error(wrong);
process.exit(wrong.length ? 1 : 0);
