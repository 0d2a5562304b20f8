/** Child of zone-files.test.ts: counts the records of the zone on stdin. */
import { openZoneFile } from '../../../../src/blocks/dns/store/zone-files.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { DsError } from '../../../../src/platform/errors.js';

try {
  const zone = openZoneFile('-');
  process.stdout.write(`${[...parseMasterFile(zone.chunks, zone)].length} records\n`);
} catch (error) {
  process.stdout.write(error instanceof DsError ? `${error.code} ${error.message}\n` : String(error));
}
