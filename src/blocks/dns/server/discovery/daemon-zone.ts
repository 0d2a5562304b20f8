/**
 * The zone ds.test: the daemons of this home that run, as the registry has them.
 *
 *     kv.ds.test.              A     127.0.0.1
 *     kv.ds.test.              TXT   "redis://127.0.0.1:6379" "http://127.0.0.1:9379"
 *     _redis._tcp.kv.ds.test.  SRV   0 0 6379 kv.ds.test.        one for each endpoint, by its name (RFC 2782)
 *     _dns._udp.dns.ds.test.   SRV   0 0 1053 dns.ds.test.       udp and tcp of the name server count as dns
 */

import type { RegistryEntry } from '../../../../platform/daemon/registry.js';
import { parseIp } from '../../../../platform/ip-address.js';
import { Name } from '../../name.js';
import { parseRdata } from '../../rdata/index.js';
import type { ResourceRecord } from '../../record.js';
import { RRClass, RRType } from '../../wire.js';
import { MemoryZone } from '../../zone/memory.js';
import type { ZoneData, ZoneSet } from '../../zone/zone-data.js';

const DAEMON_ZONE = Name.parse('ds.test.');
/** Seconds: daemons come and go. */
const TTL = 1;

/** `serial` has to rise with each change of the entries. */
export function daemonZone(entries: readonly RegistryEntry[], serial: number): MemoryZone {
  const records = new Map<string, ResourceRecord>();
  const add = (owner: string, type: number, data: string) => {
    const words = data.split(' ').map((text) => ({ text, quoted: false }));
    const rdata = parseRdata(type, words, Name.root);
    const record = { name: Name.parse(owner), type, class: RRClass.IN, ttl: TTL, rdata };
    records.set(`${record.name.key} ${type} ${data}`, record);
  };
  add('ds.test.', RRType.SOA, `dns.ds.test. hostmaster.ds.test. ${serial} 3600 600 86400 ${TTL}`);
  add('ds.test.', RRType.NS, 'dns.ds.test.');
  for (const { block, state, endpoints } of entries) {
    if (state !== 'running') continue;
    for (const { name, url } of endpoints) addEndpoint(`${block}.ds.test.`, name, url, add);
  }
  return MemoryZone.fromRecords(records.values(), DAEMON_ZONE);
}

/** ds.test beside other zones, where these have none that is nearer. */
export function withDaemons(zones: ZoneSet, daemons: ZoneData): ZoneSet {
  return {
    find(name) {
      const zone = zones.find(name);
      if (!name.isWithin(DAEMON_ZONE)) return zone;
      return zone?.origin.isWithin(DAEMON_ZONE) ? zone : daemons;
    },
  };
}

function addEndpoint(
  owner: string,
  name: string,
  url: string,
  add: (owner: string, type: number, data: string) => void,
): void {
  if (!URL.canParse(url) || !/^[a-z0-9-]{1,15}$/.test(name)) return;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const ip = parseIp(host === 'localhost' ? '127.0.0.1' : host);
  if (ip === undefined) return;
  add(owner, ip.family === 4 ? RRType.A : RRType.AAAA, host === 'localhost' ? '127.0.0.1' : host);
  if (/^[\x21-\x7e]{1,255}$/.test(url) && !/[\\";()]/.test(url)) add(owner, RRType.TXT, url);
  const isDns = name === 'udp' || name === 'tcp';
  const transport = protocol === 'udp:' ? '_udp' : '_tcp';
  if (port !== '') add(`_${isDns ? 'dns' : name}.${transport}.${owner}`, RRType.SRV, `0 0 ${port} ${owner}`);
}
