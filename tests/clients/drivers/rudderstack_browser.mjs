import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';

export default async ({ url, key }) => {
  const client = new RudderAnalytics();
  client.load(key, url, { configUrl: url });
  await new Promise((done) => client.ready(done));
  return {
    before: (_, event, properties) => client.track(event, properties),
    identify: (user, traits) => client.identify(user, traits),
    track: (_, event, properties) => client.track(event, properties),
    page: (_, name, properties) => client.page(name, properties),
    group: (_, groupId, traits) => client.group(groupId, traits),
  };
};
