/** Fields that are octets: base64, hexadecimal, base 32, and character strings (RFC 1035, section 3.3). */
import { type OctetWriter, readUint16 } from '../wire/octets.js';
import { badRecord, type Field, malformed, need, type Words } from './field.js';
import { encoded, hexText, parseBase64, parseHex, quote, shorten, wordOctets } from './octet-text.js';

function joined(words: Words, what: string): string {
  const rest = words.rest();
  if (rest.length === 0) throw badRecord(`${what} is missing`);
  return rest.map(({ text }) => text).join('');
}

const notEmpty = (offset: number, end: number, what: string) => {
  if (offset === end) throw malformed(`${what} is missing`);
  return end;
};

/** Hexadecimal to the end of the data; words may split it. */
export function hexRest(what: string): Field {
  return {
    takesRest: true,
    end: (_bytes, offset, end) => notEmpty(offset, end, what),
    print: hexText,
    parse: (words, out) => out.octets(parseHex(joined(words, what), what)),
  };
}

/** A digest to the end of the data. The octet before it tells its kind: some are of a known length. */
export function digestRest(what: string, lengths: Readonly<Record<number, number>>, least = 1): Field {
  return {
    ...hexRest(what),
    end(bytes, offset, end) {
      const kind = bytes[offset - 1] ?? 0;
      const wanted = lengths[kind];
      const length = notEmpty(offset, end, what) - offset;
      if (wanted !== undefined && length !== wanted)
        throw malformed(`${what} of type ${kind} has ${length} octets, not ${wanted}`);
      if (length < least) throw malformed(`${what} has ${length} octets, not at least ${least}`);
      return end;
    },
  };
}

/** Base64 to the end of the data; words may split it. */
export function base64Rest(what: string, mayBeAbsent = false): Field {
  return {
    takesRest: true,
    end: (_bytes, offset, end) => (mayBeAbsent ? end : notEmpty(offset, end, what)),
    print: (bytes, offset, end) => encoded(bytes, offset, end, 'base64'),
    parse(words, out) {
      if (!mayBeAbsent || words.left > 0) out.octets(parseBase64(joined(words, what), what));
    },
  };
}

/** `0x` and hexadecimal to the end of the data, with dots where one likes: NSAP (RFC 1706, section 5). */
export const nsapRest: Field = {
  takesRest: true,
  end: (_bytes, offset, end) => notEmpty(offset, end, 'NSAP'),
  print: (bytes, offset, end) => `0x${encoded(bytes, offset, end, 'hex')}`,
  parse(words, out) {
    const { text } = words.next('NSAP');
    if (!/^0x/i.test(text)) throw badRecord(`NSAP is "${shorten(text)}", not hexadecimal that begins with 0x`);
    out.octets(parseHex(text.slice(2).replaceAll('.', ''), 'NSAP'));
  },
};

/** So many octets as hexadecimal with `separator` between them: EUI48. */
export function eui(octets: number, what: string): Field {
  return {
    end: (_bytes, offset, end) => need(offset, octets, end, what),
    print: (bytes, offset, end) => encoded(bytes, offset, end, 'hex').replace(/..(?!$)/g, '$&-'),
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
  print: (bytes, offset, end) => encoded(bytes, offset, end, 'hex').replace(/....(?!$)/g, '$&:'),
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
  print: (bytes, offset, end) => hexText(bytes, offset + 1, end) || '-',
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
      return length === 0 ? '0' : `${length} ${encoded(bytes, offset + 2, end, 'base64')}`;
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

/** A character string of at most 255 octets (RFC 1035, section 3.3). */
export function characterString(what: string): Field {
  return {
    end: (bytes, offset, end) => need(need(offset, 1, end, what), bytes[offset] ?? 0, end, what),
    print: (bytes, offset, end) => quote(bytes, offset + 1, end),
    parse: (words, out) => writeCounted(out, wordOctets(words.next(what), what), what),
  };
}

/** One or more character strings, to the end: TXT (RFC 1035, section 3.3.14). */
export function characterStrings(what: string, most = Number.POSITIVE_INFINITY): Field {
  const single = characterString(what);
  return {
    takesRest: true,
    end(bytes, offset, end) {
      let at = single.end(bytes, offset, end);
      for (let count = 1; at < end && count < most; count++) at = single.end(bytes, at, end);
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
      for (let count = 1; words.left > 0 && count < most; count++) single.parse(words, out);
    },
  };
}

/** A character string of letters and digits, without quotes: CAA's tag (RFC 8659, section 4.1). */
export const tag: Field = {
  end(bytes, offset, end) {
    const length = bytes[need(offset, 1, end, 'tag') - 1] ?? 0;
    const at = need(offset + 1, length, end, 'tag');
    if (!/^[0-9a-z]+$/i.test(encoded(bytes, offset + 1, at, 'latin1')))
      throw malformed('tag is not letters and digits');
    return at;
  },
  print: (bytes, offset, end) => encoded(bytes, offset + 1, end, 'latin1'),
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
