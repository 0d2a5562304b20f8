/**
 * Works on the file given as argument together with others: adds as many addresses to a zone as the second argument says,
 * each in an edit of its own, and now and then imports a zone of its own. Prints the serial of each edit.
 */
import { writeSync } from 'node:fs';
import { Name } from '../../../../src/blocks/dns/name.js';
import { openDnsStore } from '../../../../src/blocks/dns/store.js';
import { systemClock } from '../../../../src/platform/clock.js';

const [, , path = '', count = '0', who = '0'] = process.argv;
const store = openDnsStore({ path, clock: systemClock });
const origin = Name.parse('shared.test.');
const own = Name.parse(`own${who}.test.`);
const zone = { primaryServer: Name.parse('ns.'), mailbox: Name.parse('h.') };

store.zones.addZone(own, zone);
for (let index = 0; index < Number(count); index++) {
  const record = {
    name: Name.parse(`h${index}`, origin),
    type: 1,
    class: 1,
    ttl: 60,
    rdata: Uint8Array.of(10, 0, Number(who), index),
  };
  const { serial } = store.zones.edit(origin, [{ op: 'add', record }]);
  writeSync(1, `${serial}\n`);
}
store.close();
