import { PostHog } from 'posthog-node';

export default ({ url, key }) => {
  const client = new PostHog(key, {
    host: url, flushAt: 5, maxBatchSize: 5, flushInterval: 200,
    fetchRetryCount: 8, fetchRetryDelay: 300 });
  client.on('error', (fault) => console.error(fault));
  return {
    identify: (distinctId, properties) =>
      client.identify({ distinctId, properties }),
    track: (distinctId, event, properties) =>
      client.capture({ distinctId, event, properties }),
    before: (distinctId, event, properties) =>
      client.capture({ distinctId, event, properties }),
    alias: (distinctId, alias) => client.alias({ distinctId, alias }),
    group: (distinctId, groupKey, properties) =>
      client.groupIdentify({
        groupType: 'company', groupKey, properties, distinctId }),
    close: () => client.shutdown(50_000),
  };
};
