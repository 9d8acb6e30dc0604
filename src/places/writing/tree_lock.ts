/**
 * Room `places`: one after the other in a work tree. There is one daemon, so a queue in memory is enough.
 *
 * @module
 */
const last = new Map<string, Promise<unknown>>();

/** Does `work` when all earlier work in this tree has ended. */
export async function inTurn<Value>(root: string, work: () => Promise<Value>): Promise<Value> {
  const before = last.get(root) ?? Promise.resolve();
  const mine = before.then(work, work);
  const settled = mine.then(() => {}, () => {});
  last.set(root, settled);
  try {
    return await mine;
  } finally {
    if (last.get(root) === settled) last.delete(root);
  }
}
