/** Every building block, by name. None is loaded before it is asked for. */
import type { BlockCatalogue } from '../platform/daemon/thread.js';

export const catalogue: BlockCatalogue = {
  dns: async () => (await import('./dns/index.js')).loadBlock(),
  seq: async () => (await import('./seq/index.js')).loadBlock(),
  limit: async () => (await import('./limit/index.js')).loadBlock(),
  cron: async () => (await import('./cron/index.js')).loadBlock(),
  log: async () => (await import('./log/index.js')).loadBlock(),
  kv: async () => (await import('./kv/index.js')).loadBlock(),
  blob: async () => (await import('./blob/index.js')).loadBlock(),
};
