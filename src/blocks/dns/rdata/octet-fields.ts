/** Fields that are octets: base64, hexadecimal, base 32, and character strings (RFC 1035, section 3.3). */
import { readEscape } from '../name.js';
import { type OctetWriter, readUint16 } from '../wire/octets.js';
import { badRecord, type Field, malformed, need, type Word, type Words } from './field.js';

const buffer = (bytes: Uint8Array, start: number, end: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);

export function parseHex(text: string, what: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text))
    throw badRecord(`${what} is no hexadecimal: "${shorten(text)}"`);
  return Buffer.from(text, 'hex');
}

export function parseBase64(text: string, what: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[0-9a-z+/]*={0,2}$/i.test(text))
    throw badRecord(`${what} is no base64: "${shorten(text)}"`);
  return Buffer.from(text, 'base64');
}

const shorten = (text: string) => (text.length > 40 ? `${text.slice(0, 37)}…` : text);

function joined(words: Words, what: string): string {
  const rest = words.rest();
  if (rest.length === 0) throw badRecord(`${what} is missing`);
  return rest.map(({ text }) => text).join('');
}

/** Hexadecimal to the end of the data; words may split it. */
export function hexRest(what: string): Field {
  return {
    takesRest: true,
    end: (_bytes, _offset, end) => end,
    print: (bytes, offset, end) => buffer(bytes, offset, end).toString('hex').toUpperCase(),
    parse: (words, out) => out.octets(parseHex(joined(words, what), what)),
  };
}

/** Base64 to the end of the data; words may split it. */
export function base64Rest(what: string, mayBeAbsent = false): Field {
  return {
    takesRest: true,
    end: (_bytes, _offset, end) => end,
    print: (bytes, offset, end) => buffer(bytes, offset, end).toString('base64'),
    parse(words, out) {
      if (!mayBeAbsent || words.left > 0) out.octets(parseBase64(joined(words, what), what));
    },
  };
}

/** So many octets as hexadecimal with `separator` between them: EUI48. */
export function eui(octets: number, what: string): Field {
  return {
    end: (_bytes, offset, end) => need(offset, octets, end, what),
    print: (bytes, offset, end) =>
      buffer(bytes, offset, end)
        .toString('hex')
        .replace(/..(?!$)/g, '$&-'),
    parse(words, out) {
      const { text } = words.next(what);
      if (!/^[0-9a-f]{2}(-[0-9a-f]{2})*$/i.test(text) || text.length !== octets * 3 - 1) {
        throw badRecord(`${what} is "${shorten(text)}", not ${octets} octets such as 00-00-5e-00-53-2a`);
      }
      out.octets(Buffer.from(text.replaceAll('-', ''), 'hex'));
    },
  };
}

/** 64 bits as four groups of hexadecimal digits: NID (RFC 6742, section 2.1.2). */
export const locator64: Field = {
  end: (_bytes, offset, end) => need(offset, 8, end, 'locator'),
  print: (bytes, offset) => [0, 2, 4, 6].map((at) => readUint16(bytes, offset + at).toString(16)).join(':'),
  parse(words, out) {
    const { text } = words.next('locator');
    if (!/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/i.test(text))
      throw badRecord(`locator "${shorten(text)}" is not four groups`);
    for (const group of text.split(':')) out.uint16(Number.parseInt(group, 16));
  },
};

/** A length octet and as many octets, in hexadecimal, `-` for none: NSEC3's salt (RFC 5155, section 3.3). */
export const salt: Field = {
  end: (bytes, offset, end) => need(need(offset, 1, end, 'salt'), bytes[offset] ?? 0, end, 'salt'),
  print: (bytes, offset, end) =>
    buffer(bytes, offset + 1, end)
      .toString('hex')
      .toUpperCase() || '-',
  parse(words, out) {
    const { text } = words.next('salt');
    writeCounted(out, text === '-' ? new Uint8Array() : parseHex(text, 'salt'), 'salt');
  },
};

const BASE32HEX = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/** A length octet and as many octets in base 32 with extended hex alphabet, without padding (RFC 5155, section 3.3). */
export const nextHashed: Field = {
  end(bytes, offset, end) {
    const length = bytes[need(offset, 1, end, 'hash') - 1] ?? 0;
    if (length === 0) throw malformed('hash is empty');
    return need(offset + 1, length, end, 'hash');
  },
  print(bytes, offset, end) {
    let text = '';
    let bits = 0;
    let held = 0;
    for (let i = offset + 1; i < end; i++) {
      held = (held << 8) | (bytes[i] ?? 0);
      bits += 8;
      for (; bits >= 5; bits -= 5) text += BASE32HEX[(held >>> (bits - 5)) & 31];
      held &= (1 << bits) - 1;
    }
    return bits > 0 ? text + BASE32HEX[(held << (5 - bits)) & 31] : text;
  },
  parse(words, out) {
    const { text } = words.next('hash');
    if (!/^[0-9a-v]+$/i.test(text)) throw badRecord(`hash is no base 32: "${shorten(text)}"`);
    const octets: number[] = [];
    let bits = 0;
    let held = 0;
    for (const digit of text.toUpperCase()) {
      held = (held << 5) | BASE32HEX.indexOf(digit);
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        octets.push((held >>> bits) & 0xff);
      }
      held &= (1 << bits) - 1;
    }
    writeCounted(out, Uint8Array.from(octets), 'hash');
  },
};

/** Two length octets and as many octets, in base64: TSIG (RFC 8945, section 4.2). */
export function counted16(what: string): Field {
  return {
    end: (bytes, offset, end) => need(need(offset, 2, end, what), readUint16(bytes, offset), end, what),
    print(bytes, offset, end) {
      const length = end - offset - 2;
      return length === 0 ? '0' : `${length} ${buffer(bytes, offset + 2, end).toString('base64')}`;
    },
    parse(words, out) {
      const length = Number(words.next(what).text);
      const octets = length === 0 ? new Uint8Array() : parseBase64(words.next(what).text, what);
      if (octets.length !== length || length > 0xffff) throw badRecord(`${what} has not the length it says`);
      out.uint16(length);
      out.octets(octets);
    },
  };
}

function writeCounted(out: OctetWriter, octets: Uint8Array, what: string): void {
  if (octets.length > 255) throw badRecord(`${what} has ${octets.length} octets, not at most 255`);
  out.uint8(octets.length);
  out.octets(octets);
}

/** A word's octets, escapes resolved. Error: `dns.bad_record`. */
export function wordOctets({ text }: Word, what: string): Uint8Array {
  if (!text.includes('\\')) return Buffer.from(text, 'latin1');
  const octets: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') {
      octets.push(text.charCodeAt(i));
      continue;
    }
    const escaped = readEscape(text, i);
    if (escaped === undefined) throw badRecord(`${what} has a broken escape: "${shorten(text)}"`);
    octets.push(escaped.octet);
    i = escaped.last;
  }
  return Uint8Array.from(octets);
}

/** In double quotes, what is not printable ASCII as \DDD: safe for a terminal. */
export function quote(bytes: Uint8Array, start: number, end: number): string {
  let text = '"';
  for (let i = start; i < end; i++) {
    const octet = bytes[i] ?? 0;
    if (octet < 0x20 || octet >= 0x7f) text += `\\${String(octet).padStart(3, '0')}`;
    else if (octet === 0x22 || octet === 0x5c) text += `\\${String.fromCharCode(octet)}`;
    else text += String.fromCharCode(octet);
  }
  return `${text}"`;
}

/** A character string of at most 255 octets (RFC 1035, section 3.3). */
export function characterString(what: string): Field {
  return {
    end: (bytes, offset, end) => need(need(offset, 1, end, what), bytes[offset] ?? 0, end, what),
    print: (bytes, offset, end) => quote(bytes, offset + 1, end),
    parse: (words, out) => writeCounted(out, wordOctets(words.next(what), what), what),
  };
}

/** One or more character strings, to the end: TXT (RFC 1035, section 3.3.14). */
export function characterStrings(what: string): Field {
  const single = characterString(what);
  return {
    takesRest: true,
    end(bytes, offset, end) {
      let at = single.end(bytes, offset, end);
      while (at < end) at = single.end(bytes, at, end);
      return at;
    },
    print(bytes, offset, end) {
      const strings: string[] = [];
      for (let at = offset; at < end; ) {
        const next = at + 1 + (bytes[at] ?? 0);
        strings.push(single.print(bytes, at, next));
        at = next;
      }
      return strings.join(' ');
    },
    parse(words, out) {
      single.parse(words, out);
      while (words.left > 0) single.parse(words, out);
    },
  };
}

/** A character string of letters and digits, without quotes: CAA's tag (RFC 8659, section 4.1). */
export const tag: Field = {
  end(bytes, offset, end) {
    const length = bytes[need(offset, 1, end, 'tag') - 1] ?? 0;
    const at = need(offset + 1, length, end, 'tag');
    if (!/^[0-9a-z]+$/i.test(buffer(bytes, offset + 1, at).toString('latin1')))
      throw malformed('tag is not letters and digits');
    return at;
  },
  print: (bytes, offset, end) => buffer(bytes, offset + 1, end).toString('latin1'),
  parse(words, out) {
    const { text } = words.next('tag');
    if (!/^[0-9a-z]+$/i.test(text)) throw badRecord(`tag is "${shorten(text)}", not letters and digits`);
    writeCounted(out, Buffer.from(text, 'latin1'), 'tag');
  },
};

/** Text to the end of the data, without a length: CAA's value, URI's target. */
export function textRest(what: string, mayBeEmpty: boolean): Field {
  return {
    takesRest: true,
    end(_bytes, offset, end) {
      if (offset === end && !mayBeEmpty) throw malformed(`${what} is empty`);
      return end;
    },
    print: (bytes, offset, end) => quote(bytes, offset, end),
    parse(words, out) {
      const octets = wordOctets(words.next(what), what);
      if (octets.length === 0 && !mayBeEmpty) throw badRecord(`${what} is empty`);
      out.octets(octets);
    },
  };
}
