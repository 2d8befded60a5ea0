import posthog from 'posthog-js/dist/module.no-external';

export default ({ url, key }) => new Promise((done) => {
  posthog.init(key, {
    api_host: url, autocapture: false, capture_pageview: false,
    capture_pageleave: false, disable_session_recording: true,
    opt_out_useragent_filter: true, // it takes a browser without a screen for a bot
    loaded: () => done({
      before: (_, event, properties) => void posthog.capture(event, properties),
      identify: (user, traits) => posthog.identify(user, traits),
      track: (_, event, properties) => void posthog.capture(event, properties),
      page: (_, title, properties) =>
        void posthog.capture('$pageview', { ...properties, title }),
      group: (_, id, traits) => posthog.group('company', id, traits),
    }) });
});
