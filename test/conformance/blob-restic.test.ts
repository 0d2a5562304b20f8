/** A repository of restic in `ds blob serve`, over HTTP and TLS. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type BlobDaemon, callClient, startBlobDaemon, TRANSPORTS } from '../helpers/blob-daemon.js';
import { digestsOf, MIB, md5, readTree, writeTree } from '../helpers/blob-samples.js';
import { hasPackages } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

function resticFor({ url, keys, region, ca }: BlobDaemon, folder: string): (...args: string[]) => string {
  const env = {
    RESTIC_REPOSITORY: `s3:${url}/restic-bucket`,
    RESTIC_PASSWORD: 'of a test',
    RESTIC_CACHE_DIR: join(folder, 'cache'),
    AWS_ACCESS_KEY_ID: keys.id,
    AWS_SECRET_ACCESS_KEY: keys.secret,
    AWS_DEFAULT_REGION: region,
  };
  const trust = ca === undefined ? [] : ['--cacert', ca];
  return (...args) => callClient('restic', [...args, ...trust], { cwd: folder, env });
}

describe.each(TRANSPORTS)('restic over %s', (transport) => {
  const packages = transport === 'https' ? (['restic', 'openssl'] as const) : (['restic'] as const);

  test.skipIf(!hasPackages(...packages))(
    'backs up, checks every byte, forgets, prunes and restores',
    { timeout: 120_000 },
    async () => {
      const folder = temporaryFolder();
      const restic = resticFor(await startBlobDaemon(transport), folder);
      const from = join(folder, 'from');
      const tree = writeTree(from, 24 * MIB);
      restic('init');
      restic('backup', from);
      writeFileSync(join(from, 'a/c'), 'changed');
      restic('backup', from);
      restic('check', '--read-data');
      expect(JSON.parse(restic('snapshots', '--json'))).toHaveLength(2);
      restic('restore', 'latest', '--target', join(folder, 'to'));
      expect(readTree(join(folder, 'to', from))).toEqual({ ...digestsOf(tree), 'a/c': md5('changed') });
      restic('forget', '--keep-last', '1', '--prune');
      restic('check', '--read-data');
      restic('restore', 'latest', '--target', join(folder, 'again'));
      expect(readTree(join(folder, 'again', from))).toEqual({ ...digestsOf(tree), 'a/c': md5('changed') });
    },
  );
});
