import { DittofeedSdk } from '@dittofeed/sdk-node';

export default async ({ url, key }) => {
  await DittofeedSdk.init({
    host: url,
    writeKey: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
  return {
    identify: (userId, traits) => DittofeedSdk.identify({ userId, traits }),
    track: (userId, event, properties) =>
      DittofeedSdk.track({ userId, event, properties }),
    page: (userId, name, properties) =>
      DittofeedSdk.page({ userId, name, properties }),
    close: () => DittofeedSdk.flush(),
  };
};
