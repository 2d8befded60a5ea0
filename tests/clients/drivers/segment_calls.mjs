// The calls that all clients of the Segment family for Node have. They tell a
// callback when a message is delivered.
export function segmentCalls(client) {
  const sent = [];
  const send = (call, message) => {
    sent.push(new Promise((done, failed) =>
      client[call](message, (fault) => (fault ? failed(fault) : done()))));
  };
  return {
    before: (anonymousId, event, properties) =>
      send('track', { anonymousId, event, properties }),
    identify: (userId, traits) => send('identify', { userId, traits }),
    track: (userId, event, properties) =>
      send('track', { userId, event, properties }),
    page: (userId, name, properties) =>
      send('page', { userId, name, properties }),
    group: (userId, groupId, traits) =>
      send('group', { userId, groupId, traits }),
    alias: (userId, previousId) => send('alias', { userId, previousId }),
    delivered: () => Promise.all(sent),
  };
}
