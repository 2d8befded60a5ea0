import { Analytics } from '@segment/analytics-node';
import { segmentCalls } from './segment_calls.mjs';

export default ({ url, key }) => {
  const client = new Analytics({
    writeKey: key, host: url, flushAt: 5, flushInterval: 200 });
  const calls = segmentCalls(client);
  return { ...calls, close: calls.delivered };
};
