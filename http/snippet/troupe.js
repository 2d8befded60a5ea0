// What happens on a page, told to Troupe: docs/browser.md.
// Served without comments and indentation (cmake/shrink_script.py).
(() => {
  'use strict';
  const script = document.currentScript;
  const key = script && script.dataset.key;
  if (!key) return console.error('troupe.js needs data-key');
  // Calls that were made before the script was there, or a second script.
  const early = window.troupe || [];
  if (early.track) return;
  const target = new URL('/v1/batch?writeKey=' + encodeURIComponent(key),
    script.src).href;
  // A session ends after 30 minutes without an event.
  const GAP = 18e5;
  // Each waiting event is an item of its own: tabs share the store.
  const QUEUE = 'troupe.event.';
  const WAITING = 1000;
  // What a page sends while it goes away may have 64 kB.
  const SIZE = 3e4;

  // Without localStorage everything is kept as long as the page.
  let store = {};
  try {
    localStorage['troupe.test'] = 1;
    delete localStorage['troupe.test'];
    store = localStorage;
  } catch (refused) {}
  const waiting = () =>
    Object.keys(store).filter((name) => name.startsWith(QUEUE)).sort();
  const keep = (name, value) => {
    try {
      store[name] = value;
    } catch (full) {
      const copy = Object.assign({}, store, { [name]: value });
      waiting().forEach((each) => delete store[each]);
      store = copy;
    }
    return value;
  };
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(36)).join('');

  let referrer = document.referrer;
  const page = () => ({ url: location.href, title: document.title,
    path: location.pathname, referrer });

  let made = 0;
  const put = (type, members) => {
    if (waiting().length >= WAITING) return;
    const now = new Date();
    // Ids sort as the events came.
    const id = now.getTime().toString(36)
      + (made++).toString(36).padStart(4, '0') + random();
    const context = {
      page: page(), locale: navigator.language, user_agent: 'auto',
      library: { name: 'troupe.js', version: '1' } };
    new URLSearchParams(location.search).forEach((value, name) => {
      if (!name.startsWith('utm_')) return;
      context.campaign = context.campaign || {};
      context.campaign[name.slice(4).replace('campaign', 'name')] = value;
    });
    keep(QUEUE + id, JSON.stringify(Object.assign({
      type, message_id: id, timestamp: now.toISOString(), context,
      anonymous_id:
        store['troupe.anonymous'] || keep('troupe.anonymous', random()),
      user_id: store['troupe.user'],
    }, members)));
    wake(300);
  };
  const record = (type, members) => {
    const [session, last] = (store['troupe.session'] || '').split(' ');
    const goesOn = Date.now() - last < GAP;
    const id = goesOn ? session : random();
    keep('troupe.session', id + ' ' + Date.now());
    if (!goesOn)
      put('track', { event: '$session_start',
        properties: { session_id: id, duration: 0 } });
    put(type, members);
  };

  let timer;
  let failures = 0;
  let busy;
  const flying = new Set();
  const wake = (after) => {
    timer = timer || setTimeout(flush, after);
  };
  const rest = () => {
    clearTimeout(timer);
    timer = 0;
  };
  const flush = (leaving) => {
    if (busy && !leaving) return;
    const names = [];
    let size = 0;
    for (const name of waiting())
      if (!flying.has(name)) {
        size += store[name].length;
        if (names.length && (size > SIZE || names.length > 49)) break;
        names.push(name);
      }
    rest();
    if (!names.length) return;
    names.forEach((name) => flying.add(name));
    busy = true;
    let pause = 0;
    fetch(target, { method: 'POST', keepalive: size < SIZE,
      credentials: 'omit',
      // As text, so that the browser need not ask first.
      body: '{"batch":[' + names.map((name) => store[name]) + ']}',
    }).then((answer) => {
      // What is refused with these is refused again.
      if (!answer.ok && ![400, 413, 422].includes(answer.status))
        throw 1e3 * answer.headers.get('Retry-After');
      failures = 0;
      names.forEach((name) => delete store[name]);
    }).catch((asked) => {
      pause = asked > 0 ? asked
        : Math.min(6e4, 500 * 2 ** failures++) * (1 + Math.random());
    }).then(() => {
      busy = false;
      names.forEach((name) => flying.delete(name));
      rest();
      wake(pause);
    });
  };

  const troupe = {
    track: (event, properties = {}) => record('track', { event, properties }),
    identify: (user, traits = {}) => {
      if (store['troupe.user'] && store['troupe.user'] !== '' + user)
        troupe.reset();
      keep('troupe.user', user);
      record('identify', { traits });
    },
    push: ([name, ...given]) => troupe[name](...given),
    reset: () => ['user', 'anonymous', 'session'].forEach((name) =>
      delete store['troupe.' + name]),
  };

  // A page sets its title after its address.
  let seen;
  const look = () => setTimeout(() => {
    const address = location.href.split('#')[0];
    if (seen === address) return;
    referrer = seen || referrer;
    seen = address;
    troupe.track('$page_view', page());
  });
  ['pushState', 'replaceState'].forEach((name) => {
    const original = history[name];
    history[name] = function () {
      original.apply(this, arguments);
      look();
    };
  });
  addEventListener('popstate', look);
  addEventListener('DOMContentLoaded', look);
  addEventListener('pageshow', (event) => {
    if (event.persisted) seen = 0;
    look();
  });
  addEventListener('submit', ({ target: form }) => {
    const name = (what) => form.getAttribute(what);
    troupe.track('$form_submitted', {
      form_id: name('id') || name('name') || location.pathname,
      // Names alone, and not those of what is secret or not seen.
      fields: Array.from(form.elements).filter((field) => field.name
        && !/^(hidden|password|submit|reset|button|fieldset)$/.test(field.type)
        && !/\bcc-/.test(field.autocomplete)).map((field) => field.name) });
  }, true);
  addEventListener('pagehide', () => flush(true));
  addEventListener('visibilitychange', () => flush(document.hidden));
  addEventListener('online', () => flush());

  window.troupe = troupe;
  if (document.readyState !== 'loading') look();
  early.forEach(troupe.push);
})();
