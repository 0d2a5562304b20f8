/** What `ds blob bench` takes; loaded when it runs. */
import type { Random } from '../../platform/clock.js';
import type { Environment } from '../../platform/paths.js';
import { formatCredentials } from './endpoint/credentials.js';

export { withBench } from './bench/run.js';
export { readS3Url } from './endpoint/s3-url.js';

const SECRET_BYTES = 30;

/** An access key for a daemon that lives for a moment: as the file that it reads, and as commands find it. */
export function benchKeys(random: Random): { readonly file: string; readonly environment: Environment } {
  const accessKeyId = 'DSBENCH';
  const secretAccessKey = Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url');
  return {
    file: formatCredentials({ profile: 'bench', accessKeyId, secretAccessKey }),
    environment: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  };
}
