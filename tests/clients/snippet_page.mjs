// Visits a shop whose pages have the snippet. Each line of the input names a
// part of the visit; a line of output says that it is over.
//
// usage: node snippet_page.mjs URL KEY
import { createInterface } from 'node:readline';
import { launch, serve, watch } from './browser.mjs';

const [url, key] = process.argv.slice(2);
const html = (title, body) => ({ type: 'text/html', body:
  `<!doctype html><title>${title}</title><script src="/early.js"></script>
   <script src="${url}/troupe.js" data-key="${key}" async></script>${body}` });
const form = `<form id="signup" action="/thanks" method="post">
  <input name="email"><select name="size"><option>L</select>
  <input name="secret_token" type="hidden" value="hush-1">
  <input name="pin" type="password" value="hush-2">
  <input name="card" autocomplete="cc-number" value="hush-3">
  <button name="go">Go</button></form>`;
const pages = {
  '/early.js': { type: 'text/javascript', body:
    `window.troupe = window.troupe || [];
     troupe.push(['track', 'early_bird', { path: location.pathname }]);` },
  '/': html('Shop', form),
  '/thanks': html('Thanks', ''),
  '/basket': html('Basket', ''),
};
const strict = `default-src 'none'; script-src 'self' ${url}; `
  + `connect-src ${url}; form-action 'self'`;
const open = (policy) => serve(policy, (path) => pages[path.split('?')[0]]);
const { origin } = await open(strict);
// Of no origin: it has no localStorage.
const sandbox = await open(`${strict}; sandbox allow-scripts`);

const browser = await launch();
const context = await browser.newContext({ locale: 'en-GB' });
const page = await context.newPage();
const wrong = watch(page);
const track = (from, to) => page.evaluate(([n, end]) => {
  for (; n < end; ++n) window.troupe.track('order_completed', { n });
}, [from, to]);
const loaded = () => page.waitForFunction(() => window.troupe?.track);

const parts = {
  async shop() {
    await page.goto(`${origin}/?utm_source=news&utm_campaign=spring`);
    await loaded();
    await track(0, 3);
    await page.evaluate(() => {
      history.pushState({}, '', '/pricing');
      document.title = 'Pricing';
    });
  },
  async form() {
    await Promise.all([page.waitForURL(/thanks/), page.click('button')]);
    await loaded();
  },
  // Troupe is away: the snippet comes from the browser's cache.
  async outage() {
    await Promise.all([page.waitForEvent('requestfailed'), track(3, 5)]);
    await page.goto(`${origin}/basket`);
    await loaded();
    await track(5, 7);
    await page.evaluate(() => window.troupe.identify('usr_web',
      { plan: 'pro', email: 'web@example.com' }));
    await Promise.all([page.waitForEvent('requestfailed'), track(7, 10)]);
  },
  async back() {
    await page.waitForFunction(() => !Object.keys(localStorage)
      .some((name) => name.startsWith('troupe.event.')));
    wrong.length = 0; // the browser tells what it could not reach
  },
  async leave() {
    await track(10, 12);
    await page.goto('about:blank');
  },
  async other() {
    await page.goto(`${origin}/`);
    await loaded();
    await page.evaluate(() => {
      window.troupe.identify('usr_other', {});
      window.troupe.track('order_completed', { n: 100 });
    });
  },
  async sandbox() {
    await page.goto(`${sandbox.origin}/`);
    await loaded();
    await page.evaluate(() => window.troupe.track('sandbox_seen', {}));
  },
};
for await (const part of createInterface({ input: process.stdin })) {
  await parts[part]();
  console.log(JSON.stringify(part === 'outage' ? [] : wrong));
}
await browser.close();
process.exit(0);
