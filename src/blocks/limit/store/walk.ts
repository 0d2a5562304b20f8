/** All bucket rows, some at a time, so that a million of them do not hold up the event loop. */
import type { Store } from '../../../platform/store/store.js';

/** Rows read in one go: some milliseconds. */
const ROWS_AT_ONCE = 4000;

export interface WalkedRow {
  readonly key: Buffer;
  readonly scope: Buffer;
  readonly fresh_at: number;
  readonly demands: number;
}

export async function walkBuckets(store: Store, visit: (row: WalkedRow) => void): Promise<void> {
  let after: { readonly key: Buffer; readonly scope: Buffer } = { key: Buffer.alloc(0), scope: Buffer.alloc(0) };
  for (;;) {
    const rows = store.read(() =>
      store
        .statement<[Buffer, Buffer, number], WalkedRow>(
          `SELECT key, scope, fresh_at, demands FROM bucket WHERE (key, scope) > (?, ?) ORDER BY key, scope LIMIT ?`,
        )
        .all(after.key, after.scope, ROWS_AT_ONCE),
    );
    for (const row of rows) visit(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_AT_ONCE) return;
    after = { key: last.key, scope: last.scope };
    await new Promise((resolve) => setImmediate(resolve));
  }
}
