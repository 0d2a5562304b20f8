/** A store that nobody else sees, for as long as something is checked or compared: the same code, the same verdict. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../platform/clock.js';
import { openDnsStore } from '../store.js';
import type { ZoneStore } from './zone-store.js';

export async function withScratchZones<T>(clock: Clock, use: (zones: ZoneStore) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ds-zone-'));
  try {
    const store = openDnsStore({ path: join(folder, 'scratch.db'), clock, closing: 'leave' });
    try {
      return await use(store.zones);
    } finally {
      store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
