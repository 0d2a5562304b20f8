/**
 * Changes a zone until it is killed: edits mostly, now and then an import or a rollback. Prints each change once it is
 * acknowledged: its kind, its serial, and what it can be known by.
 */
import { writeSync } from 'node:fs';
import { openDnsStore } from '../../src/blocks/dns/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { editedRecord, importedRecords, origin } from './dns-kill-zone.js';

const [, , path = '', life = ''] = process.argv;
const store = openDnsStore({ path, clock: systemClock });

/** Synchronous: what is printed was acknowledged, and what was acknowledged is printed before the next change. */
const acknowledge = (kind: string, serial: number, stamp: string) => writeSync(1, `${kind} ${serial} ${stamp}\n`);

for (let turn = 0; ; turn++) {
  const stamp = `${life}-${turn}`;
  if (turn % 7 === 3) {
    const { serial } = store.zones.import(origin, importedRecords(stamp), { source: stamp, serial: 'bump' });
    acknowledge('import', serial, stamp);
  } else if (turn % 11 === 10) {
    const back = store.zones.history(origin)[5];
    if (back === undefined) continue;
    const { changed, serial } = store.zones.rollback(origin, back.serial, { comment: stamp });
    if (changed) acknowledge('rollback', serial, stamp);
  } else {
    const { serial } = store.zones.edit(origin, [{ op: 'add', record: editedRecord(stamp) }], { comment: stamp });
    acknowledge('edit', serial, stamp);
  }
}
