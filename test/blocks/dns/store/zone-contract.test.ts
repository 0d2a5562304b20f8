import { join } from 'node:path';
import { Name } from '../../../../src/blocks/dns/name.js';
import { openDnsStore } from '../../../../src/blocks/dns/store.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { makeTemporaryFolder } from '../../../helpers/temporary-folder.js';
import { zoneDataContract } from '../zone-contract.js';
import { parseZone } from './test-zones.js';

const open = async (text: string, origin: string) => {
  const folder = makeTemporaryFolder();
  const store = openDnsStore({ path: join(folder.path, 'dns.db'), clock: systemClock });
  const zone = Name.parse(origin);
  store.zones.import(zone, parseZone(text, zone), { source: 'contract', serial: 'bump' });
  const close = () => {
    store.close();
    folder.remove();
  };
  return { store, close };
};

zoneDataContract('SQLite', async (text, origin) => {
  const { store, close } = await open(text, origin);
  return { zones: store.zones, close };
});

zoneDataContract('SQLite, each look-up of one state', async (text, origin) => {
  const { store, close } = await open(text, origin);
  return { zones: { find: (name) => store.zones.reading((zones) => zones.find(name)) }, close };
});
