/** Puts or gets a large file, says when one part of it is through, and then hangs until it is killed: node child.mjs put|get URL HOME FILE KEY */
import type { BlobStore } from '../../../../src/blocks/blob/blob-store.js';
import { openRemoteBlobStore } from '../../../../src/blocks/blob/remote/index.js';
import { getFile, putFile } from '../../../../src/blocks/blob/transfer.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';

const [, , what = '', url = '', home = '', file = '', key = ''] = process.argv;

/** A clock by which much time passes, so that every part is recorded. */
let running = 0;
const clock = {
  ...systemClock,
  monotonic: () => {
    running += 60_000;
    return running;
  },
};

const store = await openRemoteBlobStore(url, { clock, env: { HOME: home }, home });
let asked = 0;
const hanging = <Result>(work: () => Promise<Result>): Promise<Result> => {
  asked += 1;
  if (asked === 1) return work();
  process.stdout.write('one is through\n');
  // Keeps the process alive, too.
  return new Promise(() => setInterval(() => undefined, 60_000));
};
const slow: BlobStore = {
  ...store,
  uploadPart: (...request) => hanging(() => store.uploadPart(...request)),
  getObject: (...request) => hanging(() => store.getObject(...request)),
};
const context = { clock, random: systemRandom, home, server: url, parallel: 1 };
const place = { bucket: 'files', key };
if (what === 'put') await putFile(slow, file, place, {}, context);
else await getFile(slow, place, file, {}, context);
