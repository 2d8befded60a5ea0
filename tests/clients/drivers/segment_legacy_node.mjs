import Analytics from 'analytics-node';
import { segmentCalls } from './segment_calls.mjs';

export default ({ url, key }) => {
  const client = new Analytics(key, {
    host: url, flushAt: 5, flushInterval: 200, retryCount: 8,
    errorHandler: (fault) => console.error(fault.message) });
  const calls = segmentCalls(client);
  return { ...calls, close: calls.delivered };
};
