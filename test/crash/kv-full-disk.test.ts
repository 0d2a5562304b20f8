/**
 * A daemon on a disk that another program fills: writes are refused with an error, reads go on, nothing that was acknowledged is lost, and
 * writes go on once there is room, without a restart. The disk is a small tmpfs.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { type RunningDs, startDs } from '../helpers/run-ds.js';
import { fillDisk, mountSmallDisk } from '../helpers/small-disk.js';
import { waitFor } from '../helpers/wait-for.js';

const start = (disk: string) =>
  startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off', '--db', join(disk, 'kv.db')]);

const clientOf = ({ ready }: RunningDs) =>
  new Redis(ready.endpoints['redis'] ?? '', { lazyConnect: true, enableOfflineQueue: false });

describe.skipIf(process.getuid?.() !== 0)('a full disk', () => {
  test('refuses writes, answers reads, and goes on when there is room', { timeout: 60_000 }, async () => {
    const disk = mountSmallDisk(24);
    const daemon = await start(disk);
    const client = clientOf(daemon);
    await client.connect();
    const acknowledged = new Map<string, string>();
    const write = async (key: string): Promise<string> => {
      const value = key.repeat(1 + (key.length % 7) * 500);
      try {
        await client.multi().set(key, value).hset(`h:${key}`, 'f', value).exec();
        acknowledged.set(key, value);
        return 'OK';
      } catch (error) {
        return error instanceof Error ? error.message : 'an error';
      }
    };
    for (let i = 0; i < 200; i++) expect(await write(`before:${i}`)).toBe('OK');
    fillDisk(join(disk, 'filler'));
    let refused = 0;
    await waitFor(
      async () => {
        const answer = await write(`full:${refused}`);
        if (answer !== 'OK') {
          expect(answer).toMatch(/^(MISCONF|EXECABORT|STORAGE)/);
          refused++;
        }
        return refused > 20;
      },
      { timeoutMs: 20_000, intervalMs: 1 },
    );
    for (const [key, value] of acknowledged) {
      expect(await client.get(key)).toBe(value);
      expect(await client.hget(`h:${key}`, 'f')).toBe(value);
    }
    expect(await client.dbsize()).toBe(2 * acknowledged.size);
    rmSync(join(disk, 'filler'));
    await waitFor(async () => (await write('after')) === 'OK', { timeoutMs: 10_000, intervalMs: 50 });
    client.disconnect();
    await daemon.stop('SIGKILL');

    const next = await start(disk);
    const again = clientOf(next);
    await again.connect();
    for (const [key, value] of acknowledged) {
      expect(await again.get(key)).toBe(value);
      expect(await again.hget(`h:${key}`, 'f')).toBe(value);
    }
    expect(await again.dbsize()).toBe(2 * acknowledged.size);
    again.disconnect();
    await next.stop();
  });
});
