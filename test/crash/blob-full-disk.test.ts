/**
 * A daemon on a disk that is full, by itself and by another program: nothing is stored, all is read, and what is deleted makes room again, without
 * a restart. The disk is a small tmpfs.
 */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { fillDisk, mountSmallDisk } from '../helpers/small-disk.js';
import { waitFor } from '../helpers/wait-for.js';

const MIB = 1024 * 1024;

/** Told by the key, and no two alike. */
function bodyOf(key: string): Buffer {
  const outputLength = key.startsWith('large') ? 2_000_000 : 20_000;
  return createHash('shake256', { outputLength }).update(key).digest();
}

class Client {
  readonly #url: string;
  readonly acknowledged = new Set<string>();

  constructor(url: string) {
    this.#url = `${url}/disk`;
  }

  async call(method: string, path: string, body?: Buffer | string, headers: Record<string, string> = {}) {
    const response = await fetch(this.#url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  /** Returns the status. */
  async put(key: string): Promise<number> {
    const { status } = await this.call('PUT', `/${key}`, bodyOf(key));
    if (status === 200) this.acknowledged.add(key);
    return status;
  }

  /** Until one is refused. */
  async putMany(prefix: string): Promise<void> {
    for (let number = 0; number < 10_000; number++) {
      const status = await this.put(`${prefix}-${number}`);
      if (status === 200) continue;
      expect(status).toBe(507);
      return;
    }
    throw new Error('the disk is never full');
  }

  async delete(key: string): Promise<void> {
    this.acknowledged.delete(key);
    expect((await this.call('DELETE', `/${key}`)).status).toBe(204);
  }

  async deleteTogether(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.acknowledged.delete(key);
    const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('');
    const body = `<Delete><Quiet>true</Quiet>${objects}</Delete>`;
    const md5 = createHash('md5').update(body).digest('base64');
    const { status, bytes } = await this.call('POST', '?delete', body, { 'content-md5': md5 });
    expect([status, bytes.toString()]).toEqual([200, expect.not.stringContaining('<Error>')]);
  }

  async expectAllThere(): Promise<void> {
    for (const key of this.acknowledged) {
      const { status, bytes } = await this.call('GET', `/${key}`);
      expect([key, status, bytes.equals(bodyOf(key))]).toEqual([key, 200, true]);
    }
    const { bytes } = await this.call('GET', '?list-type=2&max-keys=1000');
    const listed = bytes.toString().match(/<Key>/g) ?? [];
    expect(listed.length).toBe(Math.min(1000, this.acknowledged.size));
  }
}

describe.runIf(hasPackages('util-linux'))('a full disk', () => {
  test('lets nothing in, all out, and is left by deleting', { timeout: 60_000 }, async () => {
    const folder = mountSmallDisk(64);
    const db = join(folder, 'blob.db');
    const reserve = () => statSync(`${db}-reserve`).size;
    const timely = ['--gc-interval', '100ms', '--gc-grace', '0'];
    const daemon = await startDs([
      'blob',
      'serve',
      '--admin',
      'off',
      '--listen',
      '127.0.0.1:0',
      '--anonymous',
      '--db',
      db,
      ...timely,
    ]);
    const client = new Client(daemon.ready.endpoints['s3'] ?? '');
    await client.call('PUT', '');
    expect(reserve()).toBe(8 * MIB);
    const started = await client.call('POST', '/upload?uploads');
    const uploadId = /<UploadId>(.+)<\/UploadId>/.exec(started.bytes.toString())?.[1] ?? '';
    expect((await client.call('PUT', `/upload?partNumber=1&uploadId=${uploadId}`, bodyOf('large part'))).status).toBe(
      200,
    );

    await client.putMany('large');
    await client.putMany('small');
    fillDisk(join(folder, 'foreign'));
    expect(client.acknowledged.size).toBeGreaterThan(20);
    const refused = await client.call('PUT', '/large-x', bodyOf('large-x'));
    expect([refused.status, refused.bytes.toString()]).toEqual([507, expect.stringContaining('XMinioStorageFull')]);
    await client.expectAllThere();
    const beside = ['--db', db];
    expect(await runDsJson(['blob', 'scrub', ...beside])).toMatchObject({ damage: [] });

    // Far less than half of the pack.
    for (const number of [3, 7, 8]) await client.delete(`large-${number}`);
    await client.deleteTogether(['large-10', 'small-1', 'small-2']);
    expect((await client.call('DELETE', `/upload?uploadId=${uploadId}`)).status).toBe(204);
    await waitFor(async () => (await client.put('large-again')) === 200, { timeoutMs: 20_000, intervalMs: 100 });
    expect(await client.put('small-again')).toBe(200);
    await client.expectAllThere();
    expect(reserve()).toBe(8 * MIB);

    // And once more, with a command beside the daemon.
    await client.putMany('large-second');
    await client.putMany('small-second');
    expect((await runDs(['blob', 'delete', 'disk/small-0', ...beside])).code).toBe(0);
    client.acknowledged.delete('small-0');
    rmSync(join(folder, 'foreign'));
    for (const key of [...client.acknowledged].filter((key) => key.startsWith('large'))) {
      if (client.acknowledged.size % 3 === 0) await client.put(key.replace('large', 'small'));
      await client.delete(key);
    }
    await waitFor(async () => (await client.put('large-last')) === 200, { timeoutMs: 20_000, intervalMs: 100 });
    await client.expectAllThere();
    await daemon.stop();
    expect(await runDsJson(['blob', 'scrub', ...beside])).toMatchObject({ damage: [] });

    // The log and its index are gone with the last process, and there is no room to make them.
    fillDisk(join(folder, 'foreign'));
    expect((await runDs(['blob', 'list', 'disk/large-last', ...beside])).stdout).toContain('large-last');
    expect((await runDs(['blob', 'delete', 'disk/large-last', ...beside])).code).toBe(0);
    expect((await runDs(['blob', 'gc', '--grace', '0', ...beside])).code).toBe(0);
    expect(readdirSync(`${db}-packs`)).toEqual([]);
  });
});
