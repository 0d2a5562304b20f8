/** The object store's lines of `ds tour`: an object that goes in through S3, signed as by any client, and comes back as it was. */
import type { TourStop } from '../../platform/daemon/block.js';

const BUCKET = 'tour';
const PLACE = `${BUCKET}/hello.txt`;
const TEXT = 'Hello from the object store.\n';
/** Its MD5, which S3 has as the ETag of what came in one piece. */
const ETAG = '9b5e4066ab3aaf45e0dfa9a588aec14f';

/** The daemon has made its credentials in the home that both have; there the command finds them. */
function at(endpoints: Readonly<Record<string, string>>): readonly string[] {
  return ['--url', `s3+${endpoints['s3'] ?? ''}`];
}

/** What `ds blob put --json` prints, as far as it matters here. */
interface Printed {
  readonly etag?: unknown;
  readonly size_bytes?: unknown;
}

export const tour: readonly TourStop[] = [
  {
    did: 'a bucket',
    through: 's3',
    command: (endpoints) => ['blob', 'bucket', 'create', BUCKET, '--json', ...at(endpoints)],
    check(stdout) {
      if (!stdout.includes(`"${BUCKET}"`)) throw unexpected(`a bucket called ${BUCKET}`, stdout);
      return `bucket ${BUCKET}`;
    },
  },
  {
    did: 'an object, put by S3',
    through: 's3',
    command: (endpoints) => ['blob', 'put', '-', PLACE, '--json', ...at(endpoints)],
    input: TEXT,
    check(stdout) {
      const { etag, size_bytes: size }: Printed = JSON.parse(stdout);
      if (etag !== ETAG || size !== TEXT.length) throw unexpected(`${TEXT.length} bytes of MD5 ${ETAG}`, stdout);
      return `${size} bytes, on disk`;
    },
  },
  {
    did: 'the same object, read again',
    through: 's3',
    command: (endpoints) => ['blob', 'cat', PLACE, ...at(endpoints)],
    check(stdout) {
      if (stdout !== TEXT) throw unexpected(JSON.stringify(TEXT), stdout);
      return `“${TEXT.trim()}”`;
    },
  },
];

function unexpected(what: string, stdout: string): Error {
  return new Error(`expected ${what}, not ${JSON.stringify(stdout.slice(0, 200))}`);
}
