/** `ds blob serve` as rclone sees it, over HTTP and TLS. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type BlobDaemon, callClient, startBlobDaemon, TRANSPORTS } from '../helpers/blob-daemon.js';
import { digestsOf, MIB, readTree, writeTree } from '../helpers/blob-samples.js';
import { hasPackages } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

function rcloneFor({ url, keys, region, ca }: BlobDaemon, folder: string) {
  const env = {
    RCLONE_CONFIG_DS_TYPE: 's3',
    RCLONE_CONFIG_DS_PROVIDER: 'Other',
    RCLONE_CONFIG_DS_ACCESS_KEY_ID: keys.id,
    RCLONE_CONFIG_DS_SECRET_ACCESS_KEY: keys.secret,
    RCLONE_CONFIG_DS_ENDPOINT: url,
    RCLONE_CONFIG_DS_REGION: region,
    RCLONE_CONFIG_DS_CHUNK_SIZE: '5Mi',
    RCLONE_CONFIG_DS_UPLOAD_CUTOFF: '5Mi',
    RCLONE_RETRIES: '1',
    RCLONE_LOW_LEVEL_RETRIES: '1',
    RCLONE_CONFIG: join(folder, 'none'),
  };
  const trust = ca === undefined ? [] : ['--ca-cert', ca];
  return (args: readonly string[], input = '') =>
    callClient('rclone', [...args, ...trust], { cwd: folder, env, input });
}

describe.each(TRANSPORTS)('rclone over %s', (transport) => {
  const packages = transport === 'https' ? (['rclone', 'openssl'] as const) : (['rclone'] as const);

  test.skipIf(!hasPackages(...packages))(
    'copies, checks, syncs, moves, streams and purges',
    { timeout: 120_000 },
    async () => {
      const folder = temporaryFolder();
      const call = rcloneFor(await startBlobDaemon(transport), folder);
      const rclone = (...args: string[]) => call(args);
      const [from, to] = [join(folder, 'from'), join(folder, 'to')];
      const tree = writeTree(from, 12 * MIB);
      rclone('mkdir', 'ds:rclone-bucket');
      rclone('copy', from, 'ds:rclone-bucket/tree');
      rclone('check', from, 'ds:rclone-bucket/tree');
      rclone('check', '--download', from, 'ds:rclone-bucket/tree');
      rclone('copy', 'ds:rclone-bucket/tree', to);
      expect(readTree(to)).toEqual(digestsOf(tree));
      const sums = rclone('md5sum', 'ds:rclone-bucket/tree').trim().split('\n');
      const listed = Object.fromEntries(sums.map((line) => [line.slice(34), line.slice(0, 32)]));
      expect(listed).toEqual(digestsOf(tree));

      rmSync(join(from, 'a'), { recursive: true });
      rclone('sync', from, 'ds:rclone-bucket/tree');
      expect(rclone('lsf', '-R', '--files-only', 'ds:rclone-bucket/tree').split('\n')).not.toContain('a/c');
      rclone('copyto', 'ds:rclone-bucket/tree/large.bin', 'ds:rclone-bucket/copy/large.bin');
      rclone('moveto', 'ds:rclone-bucket/copy/large.bin', 'ds:rclone-bucket/moved/large.bin');
      rclone('check', 'ds:rclone-bucket/moved', 'ds:rclone-bucket/tree', '--one-way');
      expect(rclone('lsf', 'ds:rclone-bucket').split('\n')).toEqual(['moved/', 'tree/', '']);

      call(['rcat', 'ds:rclone-bucket/streamed'], 'the stream of a pipe');
      expect(rclone('cat', '--offset', '4', '--count', '6', 'ds:rclone-bucket/streamed')).toBe('stream');
      expect(JSON.parse(rclone('size', '--json', 'ds:rclone-bucket/moved'))).toMatchObject({
        count: 1,
        bytes: 12 * MIB,
      });
      rclone('purge', 'ds:rclone-bucket');
      expect(rclone('lsd', 'ds:')).toBe('');
    },
  );
});
