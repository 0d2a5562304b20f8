/** What the daemon does for its store: space is given back, lifecycles are carried out. */
import type { Logger } from 'pino';
import { bucketsWithRules } from '../lifecycle/buckets-with-rules.js';
import type { OpenBlobStore } from '../store.js';
import type { Chore } from './background.js';
import type { BlobMetrics } from './metrics.js';
import type { BlobOptions } from './options.js';

export interface ChoreOptions {
  readonly store: OpenBlobStore;
  readonly metrics: BlobMetrics;
  readonly logger: Logger;
  readonly options: Pick<BlobOptions, 'gcInterval' | 'gcGrace' | 'lifecycleInterval'>;
}

export function storeChores(context: ChoreOptions): readonly Chore[] {
  const { gcInterval, lifecycleInterval } = context.options;
  return [
    { name: 'gc', everyMs: gcInterval, run: (signal) => collectGarbage(context, signal) },
    { name: 'lifecycle', everyMs: lifecycleInterval, run: (signal) => carryOutLifecycles(context, signal) },
  ];
}

async function collectGarbage({ store, metrics, logger, options }: ChoreOptions, signal: AbortSignal): Promise<void> {
  const counts = await store.contents.gc({ graceMs: options.gcGrace, signal });
  metrics.collected({ ...counts });
  if (counts.freedBytes > 0) logger.info({ ...counts }, 'gc gave space back');
  if (counts.damagedPacks > 0) logger.warn({ ...counts }, 'a pack is damaged: ds blob scrub tells which objects');
}

/** A bucket whose lifecycle meets a problem does not keep the others from theirs. */
async function carryOutLifecycles({ store, metrics, logger }: ChoreOptions, signal: AbortSignal): Promise<void> {
  for await (const { bucket, rules } of bucketsWithRules(store, undefined)) {
    if (signal.aborted) return;
    const counts = new Map<string, number>();
    try {
      for await (const { action } of store.runLifecycle(bucket, rules, { signal })) {
        counts.set(action, (counts.get(action) ?? 0) + 1);
        metrics.expired(action);
      }
    } catch (err) {
      logger.error({ err, bucket }, 'the lifecycle of a bucket met a problem; it is tried again in time');
    }
    if (counts.size > 0) logger.info({ bucket, ...Object.fromEntries(counts) }, 'a lifecycle was carried out');
  }
}
