import PostHog from 'posthog-js-lite';

export default ({ url, key }) => {
  const client = new PostHog(key, {
    host: url, flushAt: 5, flushInterval: 200,
    fetchRetryCount: 8, fetchRetryDelay: 300 });
  return {
    before: (_, event, properties) => client.capture(event, properties),
    identify: (user, traits) => client.identify(user, traits),
    track: (_, event, properties) => client.capture(event, properties),
    group: (_, id, traits) => client.group('company', id, traits),
  };
};
