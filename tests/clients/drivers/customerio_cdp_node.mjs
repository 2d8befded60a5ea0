import { Analytics } from '@customerio/cdp-analytics-node';
import { segmentCalls } from './segment_calls.mjs';

export default ({ url, key }) => {
  const client = new Analytics({
    writeKey: key, host: url, maxEventsInBatch: 5, flushInterval: 200,
    maxRetries: 8 });
  const calls = segmentCalls(client);
  return { ...calls, close: calls.delivered };
};
