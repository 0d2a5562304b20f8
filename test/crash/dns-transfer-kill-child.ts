/** Fetches a zone whenever its primary has another serial, until it is killed; tells each serial once it is on disk. */
import { writeSync } from 'node:fs';
import { parseServer } from '../../src/blocks/dns/client/server-address.js';
import { Name } from '../../src/blocks/dns/name.js';
import { refreshZone } from '../../src/blocks/dns/server/transfer/refresh.js';
import { openDnsStore } from '../../src/blocks/dns/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';

const [path = '', zone = '', url = ''] = process.argv.slice(2);
const { zones } = openDnsStore({ path, clock: systemClock });
const origin = Name.parse(zone);
const options = { primaries: [parseServer(url)], hasExpired: false, signal: new AbortController().signal };
for (;;) {
  const { form } = await refreshZone({ zones, clock: systemClock, random: systemRandom }, origin, options);
  if (form !== 'current') writeSync(1, `${zones.get(origin)?.serial} ${form}\n`);
}
