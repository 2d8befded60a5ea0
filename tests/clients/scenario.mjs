// Sends the steps through the client that a driver wraps, and ends when the
// client has delivered them.
//
// usage: node scenario.mjs DRIVER URL KEY USER COUNT PAUSE_MS
import { steps } from './steps.mjs';

const [driver, url, key, user, count, pause] = process.argv.slice(2);
const { default: open } = await import(`./drivers/${driver}.mjs`);
const client = await open({ url, key });
await steps(client, user, Number(count), Number(pause));
await client.close();
// A client may leave timers and sockets behind that keep node running.
process.exit(0);
