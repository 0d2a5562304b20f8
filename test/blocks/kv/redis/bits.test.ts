import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bitCommands } from '../../../../src/blocks/kv/redis/bits/index.js';
import { stringCommands } from '../../../../src/blocks/kv/redis/strings/index.js';
import { CommandHost, type Plain } from '../command-host.js';

const SYNTAX = '-ERR syntax error';
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const BAD_OFFSET = '-ERR bit offset is not an integer or out of range';
const BAD_BIT = '-ERR bit is not an integer or out of range';
const BAD_TYPE = '-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';

let host: CommandHost;
const line = (text: string): Plain => {
  const [name = '', ...args] = text.split(' ');
  return host.run(name, ...args);
};
const put = (key: string, ...bytes: number[]) => host.runBytes('set', key, String.fromCharCode(...bytes), 'ex', '9');
const get = (key: string) => host.runBytes('get', key);
/** Numbers are compared whether they come as big ones or not. */
const shown = (reply: Plain): unknown =>
  Array.isArray(reply) ? reply.map((item) => (item === null ? null : String(item))) : reply;

beforeEach(() => {
  host = new CommandHost([...stringCommands, ...bitCommands]);
});
afterEach(() => host.close());

describe('SETBIT, GETBIT', () => {
  it('count from the highest bit of the first byte, and lengthen with zeros', () => {
    expect([line('setbit k 7 1'), line('setbit k 7 1'), line('setbit k 7 0'), line('setbit k 20 1')]).toEqual([
      0, 1, 1, 0,
    ]);
    host.reopen();
    expect(get('k')).toBe('\0\0\x08');
    expect([line('getbit k 20'), line('getbit k 21'), line('getbit k 4294967295'), line('getbit none 5')]).toEqual([
      1, 0, 0, 0,
    ]);
  });

  it('a clear bit that is cleared makes a key, and else changes nothing', () => {
    expect(line('setbit k 9 0')).toBe(0);
    expect(get('k')).toBe('\0\0');
    const { revision } = host.keyspace;
    line('setbit k 3 0');
    expect(host.keyspace.revision).toBe(revision);
  });

  it.each<[string, Plain]>([
    ['setbit k -1 1', BAD_OFFSET],
    ['setbit k a 1', BAD_OFFSET],
    ['setbit k 67108864 1', BAD_OFFSET],
    ['setbit k 4294967296 1', BAD_OFFSET],
    ['setbit k 67108863 1', 0],
    ['setbit k 0 2', BAD_BIT],
    ['setbit k 0 -1', BAD_BIT],
    ['setbit k a 2', BAD_OFFSET],
    ['getbit k 4294967296', BAD_OFFSET],
    ['getbit k -1', BAD_OFFSET],
  ])('%s', (command, reply) => {
    expect(line(command)).toBe(reply);
  });

  it('work on numbers, keep the time', () => {
    put('k', 0x31);
    expect([line('setbit k 6 1'), get('k'), line('getbit k 7')]).toEqual([0, '3', 1]);
    host.clock.advance(9_000);
    expect(get('k')).toBeNull();
  });
});

describe('BITCOUNT', () => {
  it.each<[string, Plain]>([
    ['', 26],
    [' 0 0', 4],
    [' 1 1', 6],
    [' 0 -1', 26],
    [' -2 -1', 7],
    [' -1 -2', 0],
    [' 5 3', 0],
    [' 1 1 byte', 6],
    [' 5 30 BIT', 17],
    [' 0 0 bit', 0],
    [' 1 1 bit', 1],
    [' -3 -1 bit', 1],
    [' 0 1000 bit', 26],
    [' 0', SYNTAX],
    [' 0 1 hello', SYNTAX],
    [' a 1', NOT_INTEGER],
    [' 0 b', NOT_INTEGER],
    [' 0 1 bit more', SYNTAX],
  ])('foobar%s', (range, count) => {
    line('set k foobar');
    expect(line(`bitcount k${range}`)).toBe(count);
  });

  it('of a key that does not exist is 0, whatever follows', () => {
    expect([line('bitcount none'), line('bitcount none a b'), line('bitcount none 0')]).toEqual([0, 0, 0]);
  });
});

describe('BITPOS', () => {
  it.each<[number[], string, Plain]>([
    [[0xff, 0xf0, 0x00], '0', 12],
    [[0x00, 0xff, 0xf0], '1', 8],
    [[0x00, 0xff, 0xf0], '1 2', 16],
    [[0x00, 0xff, 0xf0], '1 1 -1 bit', 8],
    [[0x00, 0xff, 0xf0], '1 7 15 BIT', 8],
    [[0x00, 0xff, 0xf0], '0 8 15 bit', -1],
    [[0x00, 0xff, 0xf0], '0 8 20 bit', 20],
    [[0x00, 0x00], '1', -1],
    [[0xff, 0xff], '0', 16],
    [[0xff, 0xff], '0 0', 16],
    [[0xff, 0xff], '0 0 -1', -1],
    [[0xff, 0xff], '0 5', -1],
    [[0xff, 0xff], '0 1 0', -1],
    [[], '0', -1],
    [[1], '2', '-ERR The bit argument must be 1 or 0.'],
    [[1], 'a', NOT_INTEGER],
    [[1], '1 a', NOT_INTEGER],
    [[1], '1 0 a', NOT_INTEGER],
    [[1], '1 0 1 what', SYNTAX],
    [[1], '1 0 1 bit more', SYNTAX],
  ])('%j %s', (bytes, rest, place) => {
    put('k', ...bytes);
    expect(line(`bitpos k ${rest}`)).toBe(place);
  });

  it('of a key that does not exist sees zeros without end', () => {
    expect([line('bitpos none 0'), line('bitpos none 1'), line('bitpos none 0 5 9')]).toEqual([0, -1, 0]);
  });
});

describe('BITOP', () => {
  it.each<[string, number[]]>([
    ['and d a b', [0x0f & 0x33, 0xf0 & 0x55, 0]],
    ['OR d a b', [0x0f | 0x33, 0xf0 | 0x55, 0xaa]],
    ['xor d a b', [0x0f ^ 0x33, 0xf0 ^ 0x55, 0xaa]],
    ['xor d a b a', [0x33, 0x55, 0xaa]],
    ['not d a', [0xf0, 0x0f]],
    ['and d a none', [0, 0]],
    ['or d none b', [0x33, 0x55, 0xaa]],
    ['and d b', [0x33, 0x55, 0xaa]],
    ['not a a', [0xf0, 0x0f]],
  ])('%s', (rest, bytes) => {
    put('a', 0x0f, 0xf0);
    put('b', 0x33, 0x55, 0xaa);
    expect(line(`bitop ${rest}`)).toBe(bytes.length);
    expect(get(rest.split(' ')[1] ?? '')).toBe(String.fromCharCode(...bytes));
  });

  it('of nothing removes the destination', () => {
    put('d', 1);
    expect([line('bitop and d none none'), get('d')]).toEqual([0, null]);
  });

  it('refuses what there is not', () => {
    expect(line('bitop nand d a b')).toBe(SYNTAX);
    expect(line('bitop not d a b')).toBe('-ERR BITOP NOT must be called with a single source key.');
  });
});

describe('BITFIELD', () => {
  it.each<[string, unknown]>([
    ['', []],
    ['set u8 0 255 get u8 0', ['0', '255']],
    ['set i8 0 -100 get u8 0', ['0', '156']],
    ['set u8 #0 65 set u8 #1 66 get u16 0', ['0', '0', String(65 * 256 + 66)]],
    ['incrby u5 100 1 get u4 0', ['1', '0']],
    ['set i64 3 -9223372036854775808 get i64 3', ['0', '-9223372036854775808']],
    ['set u63 1 9223372036854775807 get u63 1', ['0', '9223372036854775807']],
    ['set i5 4 -15 get i5 4', ['0', '-15']],
    ['set u8 0 256 get u8 0', ['0', '0']],
    ['set u8 0 -1 get u8 0', ['0', '255']],
    ['overflow sat set u8 0 -1 get u8 0', ['0', '255']],
    ['overflow sat incrby u8 0 -1', ['0']],
    ['overflow sat incrby u8 0 257 overflow wrap incrby u8 0 1', ['255', '0']],
    ['overflow fail incrby u8 0 256 get u8 0', [null, '0']],
    ['overflow fail set u8 0 -1', [null]],
    ['overflow sat incrby i8 0 -200 incrby i8 0 300', ['-128', '127']],
    ['incrby i8 0 200', ['-56']],
    ['set i64 0 9223372036854775807 incrby i64 0 1', ['0', '-9223372036854775808']],
    ['overflow SAT set i64 0 -9223372036854775808 incrby i64 0 -1', ['0', '-9223372036854775808']],
    ['get u1 4294967295', ['0']],
    ['get u8', SYNTAX],
    ['set u8 0', SYNTAX],
    ['overflow', SYNTAX],
    ['what u8 0', SYNTAX],
    ['overflow no', '-ERR Invalid OVERFLOW type specified'],
    ['get u64 0', BAD_TYPE],
    ['get i65 0', BAD_TYPE],
    ['get x8 0', BAD_TYPE],
    ['get u 0', BAD_TYPE],
    ['get u08 0', BAD_TYPE],
    ['get i0 0', BAD_TYPE],
    ['get u8 -1', BAD_OFFSET],
    ['get u8 #-1', BAD_OFFSET],
    ['get u8 #9223372036854775807', BAD_OFFSET],
    ['set u8 67108863 1', BAD_OFFSET],
    ['set u8 0 x', NOT_INTEGER],
  ])('%s', (rest, reply) => {
    expect(shown(line(`bitfield k ${rest}`.trim()))).toEqual(reply);
  });

  it('keeps neighbouring bits, whatever the width and the place', () => {
    for (const width of [1, 3, 8, 13, 32, 63]) {
      for (const offset of [0, 1, 7, 9, 61]) {
        host.runBytes('set', 'k', '\xff'.repeat(20));
        line(`bitfield k set u${width} ${offset} 0`);
        expect(line('bitcount k')).toBe(160 - width);
        expect(line('bitpos k 0')).toBe(offset);
      }
    }
  });

  it('lengthens a string even where its operation failed, and writes nothing where nothing changes', () => {
    line('bitfield k overflow fail set u8 8 300');
    expect(get('k')).toBe('\0\0');
    const { revision } = host.keyspace;
    line('bitfield k set u8 8 0 get u8 0');
    expect(host.keyspace.revision).toBe(revision);
  });

  it('BITFIELD_RO only reads', () => {
    put('k', 1, 2);
    expect(shown(line('bitfield_ro k get u8 8 get u16 0 get u8 100'))).toEqual(['2', '258', '0']);
    expect(line('bitfield_ro k get u8 0 set u8 0 1')).toBe('-ERR BITFIELD_RO only supports the GET subcommand');
  });
});

it('all want a string', () => {
  const { keyspace } = host;
  keyspace.turn('write', () => {
    keyspace.database(0).setCollection('l', { ...keyspace.newCollection('list'), count: 1 });
  });
  for (const command of [
    'setbit l 0 1',
    'getbit l 0',
    'bitcount l',
    'bitpos l 1',
    'bitop and d l',
    'bitfield l get u8 0',
    'bitfield l set u8 0 1',
    'bitfield_ro l get u8 0',
  ]) {
    expect(line(command), command).toBe('-WRONGTYPE Operation against a key holding the wrong kind of value');
  }
});
