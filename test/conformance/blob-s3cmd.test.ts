/** `ds blob serve` as s3cmd sees it, over HTTP and TLS. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type BlobDaemon, callClient, startBlobDaemon, TRANSPORTS } from '../helpers/blob-daemon.js';
import { digestsOf, MIB, md5, readTree, writeTree } from '../helpers/blob-samples.js';
import { hasPackages } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

function s3cmdFor({ host, keys, ca }: BlobDaemon, folder: string): (...args: string[]) => string {
  const settings = {
    access_key: keys.id,
    secret_key: keys.secret,
    host_base: host,
    host_bucket: host,
    use_https: ca === undefined ? 'False' : 'True',
    ca_certs_file: ca ?? '',
    bucket_location: 'us-east-1',
    multipart_chunk_size_mb: '5',
    progress_meter: 'False',
    max_retries: '1',
  };
  const file = join(folder, 's3cfg');
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(file, `[default]\n${lines.join('\n')}\n`);
  return (...args) => callClient('s3cmd', ['--config', file, ...args], { cwd: folder });
}

describe.each(TRANSPORTS)('s3cmd over %s', (transport) => {
  const packages = transport === 'https' ? (['s3cmd', 'openssl'] as const) : (['s3cmd'] as const);

  test.skipIf(!hasPackages(...packages))(
    'makes buckets, puts in parts, syncs both ways, copies and deletes',
    async () => {
      const folder = temporaryFolder();
      const s3cmd = s3cmdFor(await startBlobDaemon(transport), folder);
      const [from, to] = [join(folder, 'from'), join(folder, 'to')];
      mkdirSync(to);
      const tree = writeTree(from, 12 * MIB);
      s3cmd('mb', 's3://s3cmd-bucket');
      expect(s3cmd('ls')).toContain('s3://s3cmd-bucket');

      s3cmd(
        'put',
        join(from, 'large.bin'),
        's3://s3cmd-bucket/in parts/large+1.bin',
        '--add-header=x-amz-meta-of:s3cmd',
      );
      const info = s3cmd('info', 's3://s3cmd-bucket/in parts/large+1.bin');
      expect(info).toMatch(new RegExp(`File size: ${12 * MIB}[^]*x-amz-meta-of: s3cmd`));
      s3cmd('get', 's3://s3cmd-bucket/in parts/large+1.bin', join(folder, 'large.bin'));
      expect(md5(readFileSync(join(folder, 'large.bin')))).toBe(digestsOf(tree)['large.bin']);

      s3cmd('sync', `${from}/`, 's3://s3cmd-bucket/tree/');
      s3cmd('sync', 's3://s3cmd-bucket/tree/', `${to}/`);
      expect(readTree(to)).toEqual(digestsOf(tree));
      // All is there: nothing is sent again, and with --delete-removed what is gone here goes there.
      expect(s3cmd('sync', '--dry-run', `${from}/`, 's3://s3cmd-bucket/tree/')).not.toContain('upload:');
      rmSync(join(from, 'a'), { recursive: true });
      expect(s3cmd('sync', '--delete-removed', `${from}/`, 's3://s3cmd-bucket/tree/').match(/^delete:/gm)).toHaveLength(
        2,
      );

      s3cmd('cp', 's3://s3cmd-bucket/tree/plus+plus', 's3://s3cmd-bucket/copy of plus');
      s3cmd('mv', 's3://s3cmd-bucket/copy of plus', 's3://s3cmd-bucket/moved');
      expect(s3cmd('ls', 's3://s3cmd-bucket/').match(/s3:\/\/.*/g)).toEqual([
        's3://s3cmd-bucket/in parts/',
        's3://s3cmd-bucket/tree/',
        's3://s3cmd-bucket/moved',
      ]);
      expect(s3cmd('du', 's3://s3cmd-bucket/moved')).toMatch(new RegExp(`^\\s*${1000 + 'plus+plus'.length} `));
      s3cmd('del', '--recursive', '--force', 's3://s3cmd-bucket');
      s3cmd('rb', 's3://s3cmd-bucket');
      expect(s3cmd('ls')).toBe('');
    },
  );
});
