import { TrackClient } from 'customerio-node';

// A timestamp makes a retry of an event known as one: the client sends no id.
const now = () => Math.floor(Date.now() / 1000);

export default ({ url, key }) => {
  const client = new TrackClient('SITE_ID', key, {
    url: `${url}/api/v1`, retry: { maxRetries: 8 } });
  return {
    identify: (id, attributes) => client.identify(id, attributes),
    track: (id, name, data) => client.track(id, { name, data, timestamp: now() }),
    before: (id, name, data) =>
      client.trackAnonymous(id, { name, data, timestamp: now() }),
    close: () => {},
  };
};
