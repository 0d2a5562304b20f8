/** What the modules of the store on a file stand on. */
import type { Clock, Random } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import type { Buckets } from './buckets.js';
import type { Contents } from './contents.js';
import type { Versions } from './versions.js';
import type { Writes } from './writes.js';

export interface StoreParts {
  readonly file: Store;
  readonly contents: Contents;
  readonly writes: Writes;
  readonly buckets: Buckets;
  readonly versions: Versions;
  readonly clock: Clock;
  readonly random: Random;
}
