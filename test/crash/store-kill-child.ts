/** Writes through the group commit until it is killed, and prints the number of each write once it is acknowledged. */
import { writeSync } from 'node:fs';
import { GroupCommit } from '../../src/platform/store/group-commit.js';
import { openStore } from '../../src/platform/store/store.js';
import { ADD, notes } from '../platform/store/definition.js';

const [path = '', round = ''] = process.argv.slice(2);
const store = openStore(notes, { path });
const commits = new GroupCommit(store);

/** Several at once, so that commits hold groups, and groups are cut by the kill. */
async function writeOn(writer: number): Promise<void> {
  for (let i = 0; ; i += 1) {
    const text = `${round}/${writer}/${i}`;
    await commits.run(() => store.statement<[string]>(ADD).run(text));
    // Synchronous: what is printed was acknowledged, and what was acknowledged is printed before the next write.
    writeSync(1, `${text}\n`);
  }
}

await Promise.all([1, 2, 3, 4, 5].map(writeOn));
