import { Name } from '../../../../src/blocks/dns/name.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone, MemoryZoneSet } from '../../../../src/blocks/dns/zone/memory.js';
import { zoneDataContract } from '../zone-contract.js';

zoneDataContract('memory', async (text, origin) => {
  const zone = MemoryZone.fromRecords(parseMasterFile([text], { file: 'zone', origin: Name.parse(origin) }));
  return { zones: new MemoryZoneSet([zone]), close: () => undefined };
});
