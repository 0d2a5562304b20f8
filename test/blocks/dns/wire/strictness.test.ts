import { describe, expect, test } from 'vitest';
import { readMessage, readName } from '../../../../src/blocks/dns/wire.js';
import { octets, packet } from './packets.js';

const FIXED = '0001 0001 0000012c';

function refuses(bytes: Uint8Array, message: string) {
  expect(() => readMessage(bytes)).toThrow(
    expect.objectContaining({ code: 'dns.malformed', kind: 'peer', message: expect.stringContaining(message) }),
  );
}

describe('names', () => {
  test.each([
    // In order of where they stand: the question's name begins at 12.
    ['is its own pointer', 'c00c 0001 0001', 'a pointer does not lead to what stands before it'],
    ['points forward', "c010 0001 0001 'a' 00", 'a pointer does not lead to what stands before it'],
    ['points into the header', 'c000 0001 0001', 'a pointer does not lead to what stands before it'],
    ['points to itself behind a label', "'a' c00c 0001 0001", 'a pointer does not lead to what stands before it'],
    ['loops over two pointers', "'a' c010 'b' c00c", 'a pointer does not lead to what stands before it'],
    ['points beyond the message', 'ffff 0001 0001', 'a pointer does not lead to what stands before it'],
    ['ends within a pointer', 'c0', 'a pointer is cut short'],
    ['ends within a label', '05 6162', 'a label is cut short'],
    ['has no end', "'a'", 'a name is cut short'],
    ['has a label of the kind 01', '40 00 0001 0001', 'a label begins with the reserved bits 1'],
    ['has a label of the kind 10', '80 00 0001 0001', 'a label begins with the reserved bits 2'],
    ['has 256 octets', `${"'".concat('a'.repeat(63), "'").repeat(4)} 00 0001 0001`, 'a name has more than 255 octets'],
  ])('one that %s', (_, body, message) => {
    refuses(packet([1, 0, 0, 0], body), message);
  });

  test('of 255 octets and of 127 labels are read', () => {
    const longest = `${`'${'a'.repeat(63)}'`.repeat(3)} '${'b'.repeat(61)}' 00 0001 0001`;
    expect(readMessage(packet([1, 0, 0, 0], longest)).questions[0]?.name.wire).toHaveLength(255);
    const most = readMessage(packet([1, 0, 0, 0], `${"'a'".repeat(127)} 00 0001 0001`)).questions[0]?.name;
    expect(most?.labelCount).toBe(127);
  });

  test('that grow too long behind a pointer', () => {
    const first = `${`'${'a'.repeat(63)}'`.repeat(3)} '${'b'.repeat(61)}' 00 0001 0001`;
    refuses(packet([1, 1, 0, 0], `${first} 'c' c00c ${FIXED} 0004 0a000001`), 'a name has more than 255 octets');
  });

  test('a pointer may lead to a pointer before it, but not again and again', () => {
    const chain = (pointers: number) => {
      // The root at 23 in data of an unknown type, then pointers from one to the one before.
      const links = Array.from({ length: pointers }, (_, i) =>
        (0xc000 + 23 + (i === 0 ? 0 : 1 + 2 * (i - 1))).toString(16),
      );
      const data = `00 ${links.join(' ')}`;
      const length = (1 + 2 * pointers).toString(16).padStart(4, '0');
      const last = (0xc000 + 24 + 2 * (pointers - 1)).toString(16);
      return packet([0, 2, 0, 0], `00 ff00 0001 0000012c ${length} ${data} ${last} ${FIXED} 0004 0a000001`);
    };
    expect(readMessage(chain(1)).answers[1]?.name.isRoot).toBe(true);
    expect(readMessage(chain(126)).answers[1]?.name.isRoot).toBe(true);
    refuses(chain(127), 'a name has more than 127 pointers');
  });

  test('a message of nothing but pointers to pointers is refused at the first record that makes use of them', () => {
    // 8,000 pointers, each to the one before, then as many records as fit that begin with the last of them.
    const links = Buffer.alloc(16_002);
    for (let i = 1; i <= 8000; i++) links.writeUInt16BE(0xc000 + 23 + (i === 1 ? 0 : 2 * i - 3), 2 * i - 1);
    const head = packet([0, 0xffff, 0, 0], '00 ff00 0001 00000000 3e81');
    const one = Buffer.concat([links.subarray(15_999, 16_001), octets('ff00 0001 00000000 0000')]);
    const rest = Array.from({ length: 4000 }, () => one);
    refuses(Buffer.concat([head, links.subarray(0, 16_001), ...rest]), 'pointers');
  });

  test('readName tells where the name ends, and what must not be compressed', () => {
    const bytes = Buffer.concat([Buffer.alloc(12), octets("'Example' 00 'www' c00c 07")]);
    const { name, end } = readName(bytes, 21);
    expect([name.toString(), end]).toEqual(['www.Example.', 27]);
    expect(() => readName(bytes, 21, 'never')).toThrow('a name is compressed where it must not be');
    expect(() => readName(bytes, 28)).toThrow('a name is cut short');
  });
});

describe('counts and lengths', () => {
  const question = "'a' 00 0001 0001";
  const answer = `c00c ${FIXED} 0004 0a000001`;
  test.each([
    ['no header', Buffer.alloc(11), 'a message of 11 octets has no header'],
    ['nothing', Buffer.alloc(0), 'a message of 0 octets has no header'],
    ['a question too few', packet([2, 0, 0, 0], question), 'a name is cut short'],
    ['a question too many', packet([0, 0, 0, 0], question), '7 octets follow the message'],
    ['a record too few', packet([1, 2, 0, 0], `${question} ${answer}`), 'a name is cut short'],
    ['a record too many', packet([1, 1, 0, 0], `${question} ${answer} ${answer}`), '16 octets follow the message'],
    ['65,535 records of each kind', packet([65_535, 65_535, 65_535, 65_535], ''), 'a name is cut short'],
    ['an octet behind the end', packet([1, 0, 0, 0], `${question} 00`), '1 octets follow the message'],
    ['a question that is cut', packet([1, 0, 0, 0], "'a' 00 0001 00"), 'a question is cut short'],
    ['a record that is cut', packet([0, 1, 0, 0], "'a' 00 0001 0001 0000 012c 00"), 'a record is cut short'],
    ['data beyond the end', packet([0, 1, 0, 0], `'a' 00 ${FIXED} 0005 0a000001`), 'the data of a record is cut short'],
    ['too little data', packet([0, 1, 0, 0], `'a' 00 ${FIXED} 0003 0a0000`), 'IPv4 address is cut short'],
    ['too much data', packet([0, 1, 0, 0], `'a' 00 ${FIXED} 0005 0a00000101`), '1 octets too many'],
    ['no data', packet([0, 1, 0, 0], `'a' 00 ${FIXED} 0000`), 'IPv4 address is cut short'],
    // MX: a name that goes on behind the data.
    ['a name beyond the data', packet([0, 1, 0, 0], "'a' 00 000f 0001 00000000 0004 000a 'bc' 00"), 'passes the end'],
    ['a pointer across the end', packet([0, 1, 0, 0], "'a' 00 000f 0001 00000000 0003 000a c00c"), 'passes the end'],
    ['octets behind a name', packet([0, 1, 0, 0], "'a' 00 000f 0001 00000000 0005 000a c00c 00"), '1 octets too many'],
  ])('%s', (_, bytes, message) => {
    refuses(bytes, message);
  });

  test('every part of a message but the whole is refused', () => {
    const whole = packet(
      [1, 2, 0, 1],
      `${question} ${answer} c00c 000f 0001 00000000 0006 000a 'b' c00c 00 0029 04d0 00000000 0000`.replace(
        '0006',
        '0006',
      ),
    );
    expect(readMessage(whole).answers).toHaveLength(2);
    for (let length = 0; length < whole.length; length++) refuses(whole.subarray(0, length), '');
  });
});

describe('compression within data', () => {
  const within = (type: string, data: string) => {
    const length = octets(data).length.toString(16).padStart(4, '0');
    return packet([1, 1, 0, 0], `'example' 00 0001 0001 c00c ${type} 0001 00000000 ${length} ${data}`);
  };

  test.each([
    ['NS', '0002', 'c00c', '076578616d706c6500'],
    [
      'SOA',
      '0006',
      `'ns' c00c c025 ${'00000001'.repeat(5)}`,
      `026e73076578616d706c6500026e73076578616d706c6500${'00000001'.repeat(5)}`,
    ],
    ['MX', '000f', "000a 'mx' c00c", '000a026d78076578616d706c6500'],
    ['RP', '0011', 'c00c c00c', '076578616d706c6500076578616d706c6500'],
    ['SRV', '0021', '0001 0002 0003 c00c', '000100020003076578616d706c6500'],
    ['NAPTR', '0023', '0001 0002 00 00 00 c00c', '00010002000000076578616d706c6500'],
    ['DNAME', '0027', 'c00c', '076578616d706c6500'],
  ])('of %s is resolved (RFC 3597, section 4)', (_, type, data, hex) => {
    expect(Buffer.from(readMessage(within(type, data)).answers[0]?.rdata ?? []).toString('hex')).toBe(hex);
  });

  test.each([
    ['NSEC', '002f', 'c00c 0001 40', 'compressed'],
    ['RRSIG', '002e', '0001 05 01 00000000 00000000 00000000 0000 c00c 01', 'compressed'],
    ['SVCB', '0040', '0001 c00c', 'compressed'],
    ['HTTPS', '0041', '0001 c00c', 'compressed'],
    ['LP', '006b', '0001 c00c', 'compressed'],
    ['IPSECKEY', '002d', '0a 03 02 c00c 01', 'compressed'],
    ['HIP', '0037', '01 02 0001 00 01 c00c', 'compressed'],
    ['TSIG', '00fa', 'c00c 000000000000 0000 0000 0000 0000 0000', 'compressed'],
  ])('of %s is refused', (_, type, data, message) => {
    refuses(within(type, data), message);
  });

  test('of a type that nobody knows is nothing but octets', () => {
    expect(readMessage(within('ff00', 'c00c')).answers[0]?.rdata).toEqual(Uint8Array.of(0xc0, 0x0c));
  });

  test('of an address in another class is nothing but octets', () => {
    const bytes = packet([0, 1, 0, 0], "'a' 00 0001 0003 00000000 0006 'bc' 00 1234");
    expect(readMessage(bytes).answers[0]).toMatchObject({ class: 3, rdata: Uint8Array.of(2, 98, 99, 0, 0x12, 0x34) });
  });
});

describe('OPT (RFC 6891, section 6.1)', () => {
  const opt = '00 0029 04d0 00000000 0000';
  test.each([
    ['twice', packet([0, 0, 0, 2], `${opt} ${opt}`), 'OPT stands twice'],
    ['in the answer', packet([0, 1, 0, 0], opt), 'OPT stands outside of the additional section'],
    ['in the authority section', packet([0, 0, 1, 0], opt), 'OPT stands outside of the additional section'],
    ['with a name', packet([0, 0, 0, 1], `'a' ${opt}`), 'the name of OPT is not the root'],
    ['with half an option', packet([0, 0, 0, 1], '00 0029 04d0 00000000 0003 000a00'), 'an option is cut short'],
    [
      'with an option beyond its end',
      packet([0, 0, 0, 1], '00 0029 04d0 00000000 0004 000a0001'),
      'an option is cut short',
    ],
  ])('%s', (_, bytes, message) => {
    refuses(bytes, message);
  });

  test('is taken out of the additional section, with the rest of the response code', () => {
    const bytes = packet([0, 0, 0, 2], `00 0029 04d0 01008000 0006 000a 0002 abcd 'a' 00 ${FIXED} 0004 0a000001`);
    const message = readMessage(bytes);
    expect(message.additionals).toHaveLength(1);
    expect(message.rcode).toBe(16);
    const options = [{ code: 10, data: Uint8Array.of(0xab, 0xcd) }];
    expect(message.edns).toEqual({ udpSize: 1232, version: 0, dnssecOk: true, options });
  });
});

test('a TTL with the highest bit set counts as the highest (RFC 8767, section 4)', () => {
  const ttlOf = (ttl: string) =>
    readMessage(packet([0, 1, 0, 0], `'a' 00 0001 0001 ${ttl} 0004 0a000001`)).answers[0]?.ttl;
  expect(['7fffffff', '80000000', 'ffffffff', '00000000'].map(ttlOf)).toEqual([
    2 ** 31 - 1,
    2 ** 31 - 1,
    2 ** 31 - 1,
    0,
  ]);
});

test('records of an update may have no data (RFC 2136, section 2.4)', () => {
  const bytes = packet([0, 2, 0, 0], "'a' 00 0001 00ff 00000000 0000 'a' 00 000f 00fe 00000000 0000");
  expect(readMessage(bytes).answers.map(({ rdata }) => rdata)).toEqual([new Uint8Array(), new Uint8Array()]);
});
