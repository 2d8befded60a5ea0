import * as amplitude from '@amplitude/analytics-node';
import { again } from './again.mjs';

export default async ({ url, key }) => {
  await amplitude.init(key, {
    serverUrl: `${url}/2/httpapi`, flushQueueSize: 5,
    flushIntervalMillis: 200 }).promise;
  const sent = [];
  const send = (call, user_id) => {
    const options = {
      user_id, insert_id: crypto.randomUUID(), time: Date.now() };
    sent.push(again(async () => {
      const { code, message } = await call(options).promise;
      if (code !== 200) throw new Error(message);
    }));
  };
  return {
    identify: (user, traits) => {
      const identify = new amplitude.Identify();
      for (const [name, value] of Object.entries(traits))
        identify.set(name, value);
      send((options) => amplitude.identify(identify, options), user);
    },
    track: (user, event, properties) =>
      send((options) => amplitude.track(event, properties, options), user),
    close: () => Promise.all(sent),
  };
};
