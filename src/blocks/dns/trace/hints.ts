/** Root servers out of a master file, as every resolver comes with one, or out of addresses. */
import { dnsErrors } from '../errors.js';
import { Name } from '../name.js';
import { nameAt } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { parseMasterFile } from '../zone/master-file/index.js';
import { type NamedServer, type Place, placesOf, serverNames } from './servers.js';

/** `text` is binary text, `file` its name for errors. Errors: `dns.bad_zone_file`, `dns.bad_hints`. */
export function readHints(text: string, file: string, port: number): readonly NamedServer[] {
  const records: ResourceRecord[] = [...parseMasterFile([text], { origin: Name.root, defaultTtl: 0, file })];
  const atRoot = records.filter(({ name }) => name.isRoot);
  const names = serverNames(atRoot, ({ rdata }) => nameAt(rdata, 0));
  const servers = names.map((name) => ({ name, places: placesOf(name, records, port) }));
  const known = servers.filter(({ places }) => places.length > 0);
  if (known.length > 0) return known;
  throw dnsErrors.error('dns.bad_hints', `${file} names no server of the root with its address`, {
    hint: 'write, as a master file: . NS ns.root. and ns.root. A 192.0.2.1',
    details: { file },
  });
}

/** Servers of which nothing but the address is known. */
export function hintsAt(places: readonly Place[]): readonly NamedServer[] {
  return places.map((place) => ({ name: undefined, places: [place] }));
}
