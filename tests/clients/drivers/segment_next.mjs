import { AnalyticsBrowser } from '@segment/analytics-next';

export default ({ url, key }) => {
  const client = AnalyticsBrowser.load({ writeKey: key, cdnURL: url });
  return {
    before: (_, event, properties) => client.track(event, properties),
    identify: (user, traits) => client.identify(user, traits),
    track: (_, event, properties) => void client.track(event, properties),
    page: (_, name, properties) => client.page(name, properties),
    group: (_, groupId, traits) => client.group(groupId, traits),
  };
};
