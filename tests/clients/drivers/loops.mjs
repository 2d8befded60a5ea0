import { LoopsClient } from 'loops';
import { again } from './again.mjs';

export default ({ url, key }) => {
  const client = new LoopsClient(key);
  client.apiRoot = `${url}/api/`; // a field; the constructor takes no URL
  return {
    identify: (userId, { email, ...properties }) =>
      again(() => client.updateContact({ email, userId, properties })),
    track: (userId, eventName, eventProperties) =>
      again(() => client.sendEvent({
        userId, eventName, eventProperties,
        headers: { 'Idempotency-Key': `${userId}:${eventProperties.n}` } })),
    close: () => {},
  };
};
