/** Puts, deletes and collects garbage until it is killed, and prints what it is about to delete and what was acknowledged. */
import { writeSync } from 'node:fs';
import { bodyOf, openKilledStore } from './blob-kill-bytes.js';

const [path = '', round = '', thread = ''] = process.argv.slice(2);
const { store, contents } = openKilledStore(path, thread === 'thread');

const say = (line: string) => writeSync(1, `${line}\n`);

async function* piecesOf(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 65_536) {
    yield bytes.subarray(at, at + 65_536);
    await new Promise(setImmediate);
  }
}

/** Three of four are deleted again, so that packs fill with garbage. */
async function writeOn(writer: number): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `${round}/${writer}/${['small', 'medium', 'large'][(i + writer) % 3]}/${i}`;
    await store.putObject({ bucket: 'kept', key }, piecesOf(bodyOf(key)));
    say(`put ${key}`);
    if (i % 4 === 0) continue;
    say(`deleting ${key}`);
    await store.deleteObject({ bucket: 'kept', key });
    say(`deleted ${key}`);
  }
}

async function collectOn(): Promise<void> {
  for (;;) {
    say('collecting');
    await contents.gc({ graceMs: 0 });
  }
}

await Promise.all([...[1, 2, 3].map(writeOn), collectOn()]);
