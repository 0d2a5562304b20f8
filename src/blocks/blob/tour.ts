/** The object store's line of `ds tour`: a real command through the daemon, and what its answer must be. */
import type { TourStop } from '../../platform/daemon/block.js';

const BUCKET = 'tour';

export const tour: readonly TourStop[] = [
  {
    did: 'a bucket, made and found by S3',
    through: 's3',
    command: (endpoints) => ['blob', 'bucket', 'create', BUCKET, '--json', '--url', `s3+${endpoints['s3'] ?? ''}`],
    check(stdout) {
      if (!stdout.includes(`"${BUCKET}"`)) {
        throw new Error(`expected a bucket called ${BUCKET}, not ${JSON.stringify(stdout.slice(0, 200))}`);
      }
      return `bucket ${BUCKET}`;
    },
  },
];
