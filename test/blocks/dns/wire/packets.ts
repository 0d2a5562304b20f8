/** Packets put together by hand, for what a writer of messages does not write. */
import { Name } from '../../../../src/blocks/dns/name.js';
import { parseRdata } from '../../../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { parseType, RRClass } from '../../../../src/blocks/dns/wire.js';
import { words } from '../words.js';

/** Hexadecimal, spaces as one likes; `'text'` is a label with its length in front. */
export function octets(text: string): Buffer {
  const parts = text.match(/'[^']*'|[0-9a-f]{2}/gi) ?? [];
  return Buffer.concat(
    parts.map((part) => {
      if (!part.startsWith("'")) return Buffer.from(part, 'hex');
      const label = Buffer.from(part.slice(1, -1), 'latin1');
      return Buffer.from([label.length, ...label]);
    }),
  );
}

/** A header of id 0x1234 and no flags with these counts, and what follows it. */
export function packet(counts: readonly [number, number, number, number], body: string): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(0x1234, 0);
  for (const [index, count] of counts.entries()) header.writeUInt16BE(count, 4 + index * 2);
  return Buffer.concat([header, octets(body)]);
}

/** `www.example. 300 A 192.0.2.1` */
export function record(line: string): ResourceRecord {
  const [name = '', ttl = '', type = '', ...data] = line.split(' ');
  return {
    name: Name.parse(name),
    ttl: Number(ttl),
    class: RRClass.IN,
    type: parseType(type),
    rdata: parseRdata(parseType(type), words(data.join(' ')), Name.root),
  };
}
