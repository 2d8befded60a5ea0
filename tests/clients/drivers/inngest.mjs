import { Inngest } from 'inngest';
import { again } from './again.mjs';

export default ({ url, key }) => {
  const client = new Inngest({ id: 'shop', baseUrl: url, eventKey: key });
  return {
    track: (external_id, name, data) => again(() => client.send({
      id: `${external_id}:${data.n}`, name, data, ts: Date.now(),
      user: { external_id } })),
    close: () => {},
  };
};
