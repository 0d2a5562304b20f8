/** Files that all begin with the same header, of which the agent has seen no more when it ends; they are rotated meanwhile. */
import { expect, test } from 'vitest';
import { lineFramer } from '../../../../../src/blocks/log/agent/framing/lines.js';
import { FileSource } from '../../../../../src/blocks/log/agent/sources/files/source.js';
import { NO_LABELS } from '../../../../../src/blocks/log/labels.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { MemoryDisk } from './memory-disk.js';
import { Ledger } from './simulate.js';

const LOG = '/l/app.log';
const HEADER = '# version 1\n';

function follower() {
  const disk = new MemoryDisk(true);
  const ledger = new Ledger(
    () => {},
    () => {},
  );
  /** One life of the agent; all the lines that were read, in all. */
  const live = async () => {
    const source = new FileSource({
      disk,
      ledger,
      clock: new ManualClock(),
      patterns: [LOG],
      framer: lineFramer,
      framing: 'lines',
      labels: NO_LABELS,
      from: 'start',
      rotated: true,
      once: true,
      tell: () => {},
    });
    await source.run(async (chunk) => ledger.commit(chunk), new AbortController().signal);
    return ledger.lines();
  };
  const make = (text: string) => disk.create(LOG, Buffer.from(text));
  return { disk, live, make };
}

test('the file of the header was deleted: one that was rotated since is read whole', async () => {
  const { disk, live, make } = follower();
  make(HEADER);
  expect(await live()).toEqual(['# version 1']);
  make(`${HEADER}a\n`);
  disk.rename(LOG, `${LOG}.1`);
  make(`${HEADER}b\n`);
  expect(await live()).toEqual(['# version 1', '# version 1', 'a', '# version 1', 'b']);
});

test('the file of the header was copied away and truncated: the copy is read on', async () => {
  const { disk, live, make } = follower();
  disk.create(`${LOG}.2`, Buffer.from(`${HEADER}old\n`));
  const inode = make(HEADER);
  expect(await live()).toEqual(['# version 1', 'old', '# version 1']);
  disk.create(`${LOG}.1`, Buffer.from(`${HEADER}a\n`));
  disk.write(inode, Buffer.from('b\n'));
  expect(await live()).toEqual(['# version 1', 'old', '# version 1', 'a', 'b']);
});
