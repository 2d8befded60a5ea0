// For clients that give up at the first failure: whoever calls them calls
// again, with the same id.
export async function again(call) {
  for (let left = 100; ; --left) {
    try {
      return await call();
    } catch (fault) {
      if (left === 0) throw fault;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
