import { CloudEvent, Mode, emitterFor, httpTransport } from 'cloudevents';
import { again } from './again.mjs';

export default ({ url, key }) => {
  const transport = httpTransport(`${url}/v1/cloudevents`);
  const emitters = [Mode.BINARY, Mode.STRUCTURED].map((mode) =>
    emitterFor(transport, { mode }));
  const headers = { Authorization: `Bearer ${key}` };
  const track = (subject, type, data) => {
    const event = new CloudEvent({
      type, source: '/shop', subject, data,
      contactemail: `${subject}@example.com` });
    return again(() => emitters[data.n % 2](event, { headers }));
  };
  return { track, close: () => {} };
};
