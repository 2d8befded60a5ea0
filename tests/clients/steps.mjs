// What every client is asked to send, as far as it has a call for it.
export async function steps(client, user, count, pause) {
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  await client.before?.(`anon_${user}`, 'visit.began', { n: 0 });
  await client.identify?.(user, {
    email: `${user}@example.com`, plan: 'pro', seats: 3 });
  for (let n = 0; n < count; ++n) {
    await client.track(user, 'order.completed', {
      n, order_id: `ord_${n}`, total: 42.99, first_purchase: n === 0 });
    await sleep(pause);
  }
  await client.page?.(user, 'Pricing', { url: 'https://shop.example/pricing' });
  await client.group?.(user, 'acme', { name: 'Acme' });
  await client.alias?.(user, `anon_${user}`);
}
