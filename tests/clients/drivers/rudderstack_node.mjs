import Analytics from '@rudderstack/rudder-sdk-node';
import { segmentCalls } from './segment_calls.mjs';

export default ({ url, key }) => {
  const client = new Analytics(key, {
    dataPlaneUrl: url, flushAt: 5, flushInterval: 200, retryCount: 8,
    logLevel: 'error' });
  const calls = segmentCalls(client);
  return { ...calls, close: calls.delivered };
};
