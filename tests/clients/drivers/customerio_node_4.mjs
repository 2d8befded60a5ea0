import { TrackClient } from 'customerio-node-4';
import { again } from './again.mjs';

// Version 4 speaks https whatever the URL says, and takes the port from here.
export default ({ url, key }) => {
  const client = new TrackClient('SITE_ID', key, {
    url: `${url}/api/v1`, port: new URL(url).port });
  const event = (name, data) =>
    ({ name, data, timestamp: Math.floor(Date.now() / 1000) });
  return {
    identify: (id, attributes) => again(() => client.identify(id, attributes)),
    track: (id, name, data) => {
      const sent = event(name, data);
      return again(() => client.track(id, sent));
    },
    before: (id, name, data) => {
      const sent = event(name, data);
      return again(() => client.trackAnonymous(id, sent));
    },
    close: () => {},
  };
};
