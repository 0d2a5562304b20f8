/** Data of records as fast-check makes it: a description of each type's wire form that knows nothing of src. */
import fc from 'fast-check';
import { parseType } from '../../../src/blocks/dns/wire.js';

type Octets = fc.Arbitrary<Uint8Array>;

const octets = (count: number): Octets => fc.uint8Array({ minLength: count, maxLength: count });
const rest = (least: number, most = 60): Octets => fc.uint8Array({ minLength: least, maxLength: most });
const concat = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const row = (...fields: Octets[]): Octets => fc.tuple(...fields).map(concat);
const uint16 = (value: number) => [value >>> 8, value & 0xff];

/** A length octet in front, or two. */
const counted = (field: Octets): Octets => field.map((bytes) => Uint8Array.of(bytes.length, ...bytes));
const counted16 = (field: Octets): Octets => field.map((bytes) => Uint8Array.of(...uint16(bytes.length), ...bytes));
const string = counted(
  fc.oneof(
    rest(0, 20),
    rest(255, 255),
    fc.string({ unit: 'binary-ascii', maxLength: 20 }).map((text) => Uint8Array.from(Buffer.from(text))),
  ),
);
const many = (field: Octets, least = 0): Octets => fc.array(field, { minLength: least, maxLength: 3 }).map(concat);

const bitmap: Octets = fc.uniqueArray(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((types) => {
  const windows = new Map<number, number[]>();
  for (const type of types) windows.set(type >>> 8, [...(windows.get(type >>> 8) ?? []), type & 0xff]);
  const parts = [...windows].sort(([a], [b]) => a - b);
  return concat(
    parts.map(([window, lows]) => {
      const bits = new Uint8Array((Math.max(...lows) >>> 3) + 1);
      for (const low of lows) bits[low >>> 3] = (bits[low >>> 3] ?? 0) | (0x80 >>> (low & 7));
      return Uint8Array.of(window, bits.length, ...bits);
    }),
  );
});

/** A digit from 1 to 9 and a power of ten, or 0. */
const size = fc.integer({ min: 0, max: 90 }).map((value) => {
  return Uint8Array.of(value === 0 ? 0 : (((value - 1) % 9) + 1) * 16 + Math.floor((value - 1) / 9));
});
const angle = (degrees: number): Octets => {
  const most = degrees * 3_600_000;
  return fc.integer({ min: -most, max: most }).map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(2 ** 31 + value);
    return Uint8Array.from(bytes);
  });
};

const prefix: Octets = fc.constantFrom([1, 4] as const, [2, 16] as const).chain(([family, most]) => {
  return fc
    .tuple(fc.integer({ min: 0, max: most * 8 }), fc.boolean(), rest(0, most))
    .filter(([, , address]) => address.at(-1) !== 0)
    .map(([bits, negated, address]) =>
      Uint8Array.of(0, family, bits, (negated ? 128 : 0) | address.length, ...address),
    );
});

function parameters(): Octets {
  const text = fc.string({ unit: 'binary-ascii', maxLength: 20 }).map((value) => Uint8Array.from(Buffer.from(value)));
  const values: [number, Octets][] = [
    [
      1,
      many(
        counted(
          fc.oneof(
            rest(1, 20),
            text.filter(({ length }) => length > 0),
          ),
        ),
        1,
      ),
    ],
    [3, octets(2)],
    [4, many(octets(4), 1)],
    [5, rest(0)],
    [6, many(octets(16), 1)],
    [7, text],
    [8, fc.constant(new Uint8Array())],
    [65_280, rest(0)],
  ];
  const optional = values.map(([key, value]) =>
    fc.option(
      value.map((bytes) => [key, bytes] as const),
      { nil: undefined },
    ),
  );
  return fc.tuple(fc.boolean(), fc.boolean(), ...optional).map(([mandatory, noDefault, ...found]) => {
    const list = found.filter((each) => each !== undefined);
    if (noDefault && list[0]?.[0] === 1) list.splice(1, 0, [2, new Uint8Array()]);
    const keys = list.map(([key]) => key);
    if (mandatory && keys.length > 0) list.unshift([0, Uint8Array.from(keys.flatMap(uint16))]);
    return concat(list.map(([key, bytes]) => Uint8Array.of(...uint16(key), ...uint16(bytes.length), ...bytes)));
  });
}

const letters = fc.stringMatching(/^[a-zA-Z0-9]{1,15}$/).map((text) => Uint8Array.from(Buffer.from(text)));
const digest = (known: Readonly<Record<number, number>>, least = 1): Octets => {
  return fc.integer({ min: 0, max: 255 }).chain((kind) => {
    const length = known[kind];
    return (length === undefined ? rest(least) : octets(length)).map((bytes) => Uint8Array.of(kind, ...bytes));
  });
};

/** `name` makes names in wire form. */
export function rdataOf(name: Octets): ReadonlyMap<number, Octets> {
  const gateway = (kind: number) => [fc.constant(new Uint8Array()), octets(4), octets(16), name][kind] ?? octets(0);
  const kind = fc.integer({ min: 0, max: 3 });
  const key = row(octets(4), rest(0));
  const ds = row(octets(3), digest({ 1: 20, 2: 32, 3: 32, 4: 48, 5: 32, 6: 32 }));
  const signature = row(octets(18), name, rest(1));
  const service = row(octets(2), name, parameters());
  const certificate = row(octets(3), rest(1));
  const table: Record<string, Octets> = {
    A: octets(4),
    SOA: row(name, name, octets(20)),
    HINFO: row(string, string),
    MINFO: row(name, name),
    RP: row(name, name),
    X25: string,
    ISDN: fc.oneof(string, row(string, string)),
    NSAP: rest(1),
    'NSAP-PTR': name,
    PX: row(octets(2), name, name),
    GPOS: row(string, string, string),
    AAAA: fc.oneof(
      octets(16),
      octets(4).map((low) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...low)),
      octets(2).map((low) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...low)),
    ),
    LOC: row(fc.constant(Uint8Array.of(0)), size, size, size, angle(90), angle(180), octets(4)),
    SRV: row(octets(6), name),
    NAPTR: row(octets(4), string, string, string, name),
    CERT: row(octets(5), rest(1)),
    APL: many(prefix),
    SSHFP: row(octets(1), digest({ 1: 20, 2: 32 })),
    IPSECKEY: kind.chain((gate) => row(octets(1), fc.constant(Uint8Array.of(gate)), octets(1), gateway(gate), rest(0))),
    NSEC: row(name, bitmap),
    DHCID: rest(1),
    NSEC3: row(octets(4), counted(rest(0, 255)), counted(rest(1, 255)), bitmap),
    NSEC3PARAM: row(octets(4), counted(rest(0, 255))),
    HIP: fc.tuple(rest(1, 255), octets(1), rest(1), many(name)).map(([tag, algorithm, bytes, servers]) => {
      return Uint8Array.of(tag.length, ...algorithm, ...uint16(bytes.length), ...tag, ...bytes, ...servers);
    }),
    TALINK: row(name, name),
    OPENPGPKEY: rest(1, 300),
    CSYNC: row(octets(6), bitmap),
    ZONEMD: row(octets(5), digest({ 1: 48, 2: 64 }, 12)),
    DSYNC: row(octets(5), name),
    NID: octets(10),
    L32: octets(6),
    L64: octets(10),
    EUI48: octets(6),
    EUI64: octets(8),
    TKEY: row(name, octets(12), counted16(rest(0)), counted16(rest(0))),
    TSIG: row(name, octets(8), counted16(rest(0)), octets(4), counted16(rest(0))),
    URI: row(octets(4), rest(1, 300)),
    CAA: row(octets(1), counted(letters), rest(0, 300)),
    AMTRELAY: fc.tuple(octets(1), fc.constantFrom(0, 128), kind).chain(([precedence, optional, relay]) => {
      return gateway(relay).map((address) => Uint8Array.of(...precedence, optional | relay, ...address));
    }),
  };
  for (const one of 'NS MD MF CNAME MB MG MR PTR DNAME'.split(' ')) table[one] = name;
  for (const one of 'MX AFSDB RT KX LP'.split(' ')) table[one] = row(octets(2), name);
  for (const one of 'TXT NINFO SPF AVC RESINFO WALLET'.split(' ')) table[one] = many(string, 1);
  for (const one of 'KEY DNSKEY CDNSKEY RKEY'.split(' ')) table[one] = key;
  for (const one of 'DS CDS DLV TA'.split(' ')) table[one] = ds;
  for (const one of 'SIG RRSIG'.split(' ')) table[one] = signature;
  for (const one of 'SVCB HTTPS'.split(' ')) table[one] = service;
  for (const one of 'TLSA SMIMEA'.split(' ')) table[one] = certificate;
  return new Map(Object.entries(table).map(([mnemonic, data]) => [parseType(mnemonic), data]));
}
