import type { Random } from '../../../../platform/clock.js';
import type { Store } from '../../../../platform/store/store.js';
import { SECRET_BYTES } from '../../chunking/gear.js';

/** The secret by which this store cuts, made at the first need and kept: with another one, nothing that comes again would be found. */
export function readSecret(store: Store, random: Random): Uint8Array {
  const find = store.statement<[], { value: Uint8Array }>("SELECT value FROM setting WHERE name = 'chunk_secret'");
  const present = store.read(() => find.get());
  if (present !== undefined) return present.value;
  return store.write(() => {
    store
      .statement<[Uint8Array]>("INSERT OR IGNORE INTO setting (name, value) VALUES ('chunk_secret', ?)")
      .run(random.bytes(SECRET_BYTES));
    const made = find.get();
    if (made === undefined) throw new Error('the secret was written and is not there');
    return made.value;
  });
}
