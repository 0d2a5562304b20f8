/** Domain names within record data. */
import { LONGEST_LABEL, LONGEST_NAME, Name } from '../name.js';
import { copyOctets } from '../wire/octets.js';
import { type Field, malformed, type NameCompression, need } from './field.js';

/** Where the uncompressed name at `offset` ends. Error: `dns.malformed`. */
export function nameEnd(bytes: Uint8Array, offset: number, end: number): number {
  for (let at = offset; ; ) {
    const length = bytes[need(at, 1, end, 'name') - 1] ?? 0;
    if (length > LONGEST_LABEL) throw malformed('a name within the data is compressed or has a too long label');
    at = need(at + 1, length, end, 'name');
    if (at - offset > LONGEST_NAME) throw malformed('a name has more than 255 octets');
    if (length === 0) return at;
  }
}

/** The name at `offset` of checked, uncompressed data. */
export function nameAt(bytes: Uint8Array, offset: number, end = nameEnd(bytes, offset, bytes.length)): Name {
  return Name.fromValidWire(copyOctets(bytes, offset, end));
}

export function domainName(what: string, compression: NameCompression): Field {
  return {
    compression,
    end: nameEnd,
    print: (bytes, offset, end) => nameAt(bytes, offset, end).toString(),
    parse: (words, out) => out.octets(Name.parse(words.next(what).text, words.origin).wire),
  };
}

/** None or more, to the end of the data: HIP's rendezvous servers (RFC 8005, section 5). */
export const namesRest: Field = {
  takesRest: true,
  end(bytes, offset, end) {
    let at = offset;
    while (at < end) at = nameEnd(bytes, at, end);
    return at;
  },
  print(bytes, offset, end) {
    const names: string[] = [];
    for (let at = offset; at < end; ) {
      const next = nameEnd(bytes, at, end);
      names.push(nameAt(bytes, at, next).toString());
      at = next;
    }
    return names.join(' ');
  },
  parse(words, out) {
    for (const { text } of words.rest()) out.octets(Name.parse(text, words.origin).wire);
  },
};
