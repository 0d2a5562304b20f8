import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringCommands } from '../../../../src/blocks/kv/redis/strings/index.js';
import { MOST_STRING_BYTES } from '../../../../src/blocks/kv/redis/strings/values.js';
import { CommandHost, type Plain } from '../command-host.js';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const SYNTAX = '-ERR syntax error';
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const NOT_FLOAT = '-ERR value is not a valid float';
const TOO_LONG = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)';
const invalidTime = (command: string) => `-ERR invalid expire time in '${command}' command`;

let host: CommandHost;
const run = (...words: (string | number | bigint)[]): Plain => host.run(String(words[0]), ...words.slice(1));
/** Words parted by spaces; '' is written as `""`. */
const line = (text: string): Plain => run(...text.split(' ').map((word) => (word === '""' ? '' : word)));

beforeEach(() => {
  host = new CommandHost(stringCommands);
});
afterEach(() => host.close());

/** When the key will be gone, from now on; undefined: never. */
function timeLeft(key: string): number | undefined {
  const expires = host.keyspace.turn('read', () => host.keyspace.database(0).find(key)?.expires);
  return expires === undefined ? undefined : expires - host.clock.now();
}

function putList(key: string): void {
  const { keyspace } = host;
  keyspace.turn('write', () => {
    const head = keyspace.newCollection('list');
    keyspace.database(0).setCollection(key, { ...head, count: 1 });
  });
}

describe('SET', () => {
  it.each<[string, Plain, string | null]>([
    ['set k new', 'OK', 'new'],
    ['set k new nx', null, 'old'],
    ['set none new XX', null, 'old'],
    ['set k new xx', 'OK', 'new'],
    ['set k new get', 'old', 'new'],
    ['set k new nx get', 'old', 'old'],
    ['set k new xx get', 'old', 'new'],
    ['set none new nx get', null, 'old'],
    ['set none new xx get', null, 'old'],
    ['set k new nx nx', null, 'old'],
    ['set k new nx xx', SYNTAX, 'old'],
    ['set k new ex', SYNTAX, 'old'],
    ['set k new ex 5 px 5', SYNTAX, 'old'],
    ['set k new keepttl ex 5', SYNTAX, 'old'],
    ['set k new ex 5 keepttl', SYNTAX, 'old'],
    ['set k new persist', SYNTAX, 'old'],
    ['set k new ex five', NOT_INTEGER, 'old'],
    ['set k new ex 0', invalidTime('set'), 'old'],
    ['set k new ex -5', invalidTime('set'), 'old'],
    ['set k new px 9223372036854775807', invalidTime('set'), 'old'],
    ['set k new ex 9223372036854775', invalidTime('set'), 'old'],
    ['set k new ex 9223372036854776', invalidTime('set'), 'old'],
    ['set k new pxat 9223372036854775807', 'OK', 'new'],
    ['set k new exat 1', 'OK', null],
    ['set k new exat 1 get', 'old', null],
    ['set k new ifeq old', 'OK', 'new'],
    ['set k new ifeq other', null, 'old'],
    ['set k new ifeq other get', 'old', 'old'],
    ['set k new ifeq old get', 'old', 'new'],
    ['set none new ifeq old', null, 'old'],
    ['set k new ifeq', SYNTAX, 'old'],
    ['set k new nx ifeq old', SYNTAX, 'old'],
    ['set k new ifeq old xx', SYNTAX, 'old'],
  ])('%s', (command, reply, left) => {
    line('set k old');
    expect(line(command)).toBe(reply);
    host.reopen();
    expect(line('get k')).toBe(left);
  });

  it('sets, keeps and drops times', () => {
    const now = host.clock.now();
    line('set k v ex 10');
    expect(timeLeft('k')).toBe(10_000);
    line('set k w keepttl');
    expect(timeLeft('k')).toBe(10_000);
    line('set k v PX 250');
    expect(timeLeft('k')).toBe(250);
    run('set', 'k', 'v', 'pxat', now + 77);
    expect(timeLeft('k')).toBe(77);
    run('set', 'k', 'v', 'exat', Math.ceil(now / 1_000) + 2);
    expect(timeLeft('k')).toBe((Math.ceil(now / 1_000) + 2) * 1_000 - now);
    line('set k v');
    expect(timeLeft('k')).toBeUndefined();
    line('set k v px 100');
    host.clock.advance(100);
    expect(line('get k')).toBeNull();
    expect(line('set k v xx')).toBeNull();
  });

  it('replaces a list, but not where it is to answer or compare a string', () => {
    putList('l');
    expect(line('set l v get')).toBe(WRONG_TYPE);
    expect(line('set l v ifeq v')).toBe(WRONG_TYPE);
    expect(line('set l v nx')).toBeNull();
    expect(line('set l v')).toBe('OK');
    expect(line('get l')).toBe('v');
  });

  it.each<[string, Plain, string | null, number | undefined]>([
    ['setnx k v', 1, 'v', undefined],
    ['setex k 9 v', 'OK', 'v', 9_000],
    ['psetex k 9 v', 'OK', 'v', 9],
    ['setex k 0 v', invalidTime('setex'), null, undefined],
    ['psetex k -1 v', invalidTime('psetex'), null, undefined],
    ['setex k nine v', NOT_INTEGER, null, undefined],
    ['getset k v', null, 'v', undefined],
  ])('%s', (command, reply, value, left) => {
    expect(line(command)).toBe(reply);
    expect(line('get k')).toBe(value);
    expect(timeLeft('k')).toBe(left);
  });
});

describe('GET and its kin', () => {
  it('are strict about the type', () => {
    putList('l');
    for (const command of [
      'get l',
      'getset l v',
      'getdel l',
      'getex l',
      'delifeq l v',
      'strlen l',
      'append l v',
      'getrange l 0 1',
      'setrange l 0 v',
      'setrange l 0 ""',
      'incr l',
      'incrby l 9223372036854775807',
      'incrbyfloat l 1',
    ]) {
      expect(line(command), command).toBe(WRONG_TYPE);
    }
    expect(line('mget l none')).toEqual([null, null]);
    expect(line('setnx l v')).toBe(0);
    expect(line('lcs l none')).toBe('-ERR The specified keys must contain string values');
  });

  it('GETDEL and GETSET answer what there was', () => {
    line('set k v ex 10');
    expect(line('getset k w')).toBe('v');
    expect(timeLeft('k')).toBeUndefined();
    expect(line('getdel k')).toBe('w');
    expect(line('getdel k')).toBeNull();
    host.reopen();
    expect(line('get k')).toBeNull();
  });

  it.each<[string, Plain, number | undefined]>([
    ['getex k', 'v', 5_000],
    ['getex k persist', 'v', undefined],
    ['getex k ex 7', 'v', 7_000],
    ['getex k px 7', 'v', 7],
    ['getex k persist ex 7', SYNTAX, 5_000],
    ['getex k ex 7 persist', SYNTAX, 5_000],
    ['getex k ex', SYNTAX, 5_000],
    ['getex k nx', SYNTAX, 5_000],
    ['getex k ex 0', invalidTime('getex'), 5_000],
    ['getex k px x', NOT_INTEGER, 5_000],
    ['getex none px x', null, 5_000],
  ])('%s', (command, reply, left) => {
    line('set k v ex 5');
    expect(line(command)).toBe(reply);
    expect(timeLeft('k')).toBe(left);
  });

  it('GETEX with a time that has passed removes the key', () => {
    line('set k v');
    expect(line('getex k exat 1')).toBe('v');
    expect(line('get k')).toBeNull();
  });

  it('DELIFEQ removes only what is equal', () => {
    line('set k v');
    expect([line('delifeq none v'), line('delifeq k w'), line('delifeq k v'), line('get k')]).toEqual([0, 0, 1, null]);
  });

  it('what changes nothing takes no revision', () => {
    line('set k v');
    const { revision } = host.keyspace;
    for (const command of ['getex k', 'getex k persist', 'append k ""', 'setrange k 3 ""', 'delifeq k x', 'setnx k x'])
      line(command);
    for (const command of ['set k x nx', 'msetnx k x', 'incr k', 'setrange k 99999999 x', 'getdel none']) line(command);
    expect(host.keyspace.revision).toBe(revision);
  });

  it('keeps any bytes in keys and values', () => {
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    host.runBytes('set', all, all);
    host.reopen();
    expect(host.runBytes('get', all)).toBe(all);
    run('set', 'é', '😀');
    expect(run('get', 'é')).toBe(Buffer.from('😀').toString('latin1'));
    expect(run('strlen', 'é')).toBe(4);
  });
});

describe('MSET, MSETNX, MGET', () => {
  it('write all or nothing', () => {
    expect(line('mset a 1 b 2 a 3')).toBe('OK');
    expect(line('msetnx c 1 b 2')).toBe(0);
    expect(line('msetnx c 1 d 2 c 3')).toBe(1);
    expect(line('mget a b c d e a')).toEqual(['3', '2', '3', '2', null, '3']);
    expect(line('mset a 1 b')).toBe("-ERR wrong number of arguments for 'mset' command");
    expect(line('msetnx a 1 b')).toBe("-ERR wrong number of arguments for 'msetnx' command");
    expect(run('mset', 'x', '1', 'y', 'v'.repeat(MOST_STRING_BYTES + 1))).toBe(TOO_LONG);
    expect(line('get x')).toBeNull();
  });
});

describe('parts of strings', () => {
  it('APPEND makes, lengthens and keeps the time', () => {
    expect(line('append k foo')).toBe(3);
    line('set k foo ex 9');
    expect(line('append k bar')).toBe(6);
    expect([line('get k'), timeLeft('k')]).toEqual(['foobar', 9_000]);
    expect(line('append empty ""')).toBe(0);
    expect(line('get empty')).toBe('');
  });

  it.each<[string, Plain, string | null]>([
    ['setrange none 0 ""', 0, 'foo'],
    ['setrange k 0 b', 3, 'boo'],
    ['setrange k 1 barbar', 7, 'fbarbar'],
    ['setrange k 5 x', 6, 'foo\0\0x'],
    ['setrange k 9 ""', 3, 'foo'],
    ['setrange k -1 x', '-ERR offset is out of range', 'foo'],
    ['setrange k one x', NOT_INTEGER, 'foo'],
    ['setrange k 8388608 x', TOO_LONG, 'foo'],
    ['setrange k 9223372036854775807 x', TOO_LONG, 'foo'],
  ])('%s', (command, reply, value) => {
    line('set k foo');
    expect(line(command)).toBe(reply);
    expect(line('get k')).toBe(value);
  });

  it.each<[string, string, Plain]>([
    ['0', '3', 'Hell'],
    ['0', '-1', 'Hello World'],
    ['-4', '-1', 'orld'],
    ['5', '3', ''],
    ['5', '5000', ' World'],
    ['-5000', '10000', 'Hello World'],
    ['-1', '-3', ''],
    ['-100', '-99', 'H'],
    ['-99', '-100', ''],
    ['0', '9223372036854775807', 'Hello World'],
    ['-9223372036854775808', '-9223372036854775808', 'H'],
    ['a', '1', NOT_INTEGER],
    ['1', '1.5', NOT_INTEGER],
  ])('GETRANGE %s %s', (start, end, part) => {
    run('set', 'k', 'Hello World');
    expect(line(`getrange k ${start} ${end}`)).toBe(part);
    expect(line(`substr k ${start} ${end}`)).toBe(part);
    expect(line(`getrange none ${start} ${end}`)).toBe(String(part).startsWith('-ERR') ? part : '');
  });

  it('holds up to the bound and no more', () => {
    const most = 'v'.repeat(MOST_STRING_BYTES);
    expect(run('set', 'k', most)).toBe('OK');
    expect(line('strlen k')).toBe(MOST_STRING_BYTES);
    expect(line('append k v')).toBe(TOO_LONG);
    for (const words of [
      ['set', 'x'],
      ['setnx', 'x'],
      ['getset', 'x'],
      ['setex', 'x', '1'],
      ['append', 'x'],
    ]) {
      expect(run(...words, `${most}v`), words[0]).toBe(TOO_LONG);
    }
    expect(run('set', 'x', `${most}v`, 'ex', '5')).toBe(TOO_LONG);
    expect(line('get x')).toBeNull();
  });
});

describe('counting', () => {
  it.each<[string | null, string, Plain]>([
    [null, 'incr k', 1],
    [null, 'decr k', -1],
    ['20', 'incrby k 22', 42],
    ['20', 'decrby k 0', 20],
    ['-0', 'incr k', NOT_INTEGER],
    ['01', 'incr k', NOT_INTEGER],
    [' 1', 'incr k', NOT_INTEGER],
    ['1 ', 'incr k', NOT_INTEGER],
    ['+1', 'incr k', NOT_INTEGER],
    ['""', 'incr k', NOT_INTEGER],
    ['1.5', 'incr k', NOT_INTEGER],
    ['9223372036854775808', 'decr k', NOT_INTEGER],
    ['1', 'incrby k 1e3', NOT_INTEGER],
    ['999999999999999', 'incr k', 1_000_000_000_000_000],
    ['9007199254740992', 'incr k', 9_007_199_254_740_993n],
    ['17179869184', 'incrby k 17179869184', 34_359_738_368],
    ['9223372036854775806', 'incr k', 9_223_372_036_854_775_807n],
    ['9223372036854775807', 'incr k', '-ERR increment or decrement would overflow'],
    ['-9223372036854775808', 'decr k', '-ERR increment or decrement would overflow'],
    ['-9223372036854775808', 'incrby k 9223372036854775807', -1],
    ['0', 'decrby k -9223372036854775808', '-ERR decrement would overflow'],
    ['0', 'decrby k -9223372036854775807', 9_223_372_036_854_775_807n],
    ['0', 'incrby k -9223372036854775808', -9_223_372_036_854_775_808n],
  ])('%s: %s', (before, command, reply) => {
    if (before !== null) run('set', 'k', before === '""' ? '' : before, 'ex', '9');
    const result = line(command);
    expect(String(result)).toBe(String(reply));
    if (typeof reply !== 'string') expect(line('get k')).toBe(String(reply));
    expect(timeLeft('k')).toBe(before === null ? undefined : 9_000);
  });

  it.each<[string | null, string, string]>([
    [null, '1.5', '1.5'],
    ['0.1', '0.2', '0.3'],
    ['3', '1.000000000000000005', '4.00000000000000001'],
    ['1', '-1.1', '-0.1'],
    ['3.0e3', '200', '3200'],
    ['17179869184', '1', '17179869185'],
    ['0', '1e-18', '0'],
    ['0', '-1e-18', '0'],
    ['0', '6e-18', '0.00000000000000001'],
    ['0', '0x1.8p1', '3'],
    ['9223372036854775807', '1', '9223372036854775808'],
    ['18446744073709551615', '1', '18446744073709551616'],
    ['36893488147419103232', '1', '36893488147419103232'],
    ['1e4932', '1e4932', '-ERR increment would produce NaN or Infinity'],
    ['1', 'inf', '-ERR increment would produce NaN or Infinity'],
    ['1', 'nan', NOT_FLOAT],
    ['1', '1e5000', NOT_FLOAT],
    ['1', '1e-5000', NOT_FLOAT],
    ['1', '0e5000', '1'],
    ['1', ' 1', NOT_FLOAT],
    ['""', '1', NOT_FLOAT],
    ['1', 'e', NOT_FLOAT],
    ['abc', '1', NOT_FLOAT],
  ])('INCRBYFLOAT %s %s', (before, increment, reply) => {
    if (before !== null) run('set', 'k', before === '""' ? '' : before, 'ex', '9');
    expect(run('incrbyfloat', 'k', increment)).toBe(reply);
    if (!reply.startsWith('-ERR')) expect(line('get k')).toBe(reply);
    expect(timeLeft('k')).toBe(before === null ? undefined : 9_000);
  });
});

describe('LCS', () => {
  const MATCHES = [
    [
      [4, 7],
      [5, 8],
    ],
    [
      [2, 3],
      [0, 1],
    ],
  ];
  beforeEach(() => line('mset a ohmytext b mynewtext'));

  it.each<[string, Plain]>([
    ['', 'mytext'],
    [' len', 6],
    [' idx', ['matches', MATCHES, 'len', 6]],
    [' idx minmatchlen 4', ['matches', [MATCHES[0] ?? []], 'len', 6]],
    [' idx minmatchlen -1', ['matches', MATCHES, 'len', 6]],
    [' IDX MINMATCHLEN 4 WITHMATCHLEN', ['matches', [[...(MATCHES[0] ?? []), 4]], 'len', 6]],
    [' len idx', '-ERR If you want both the length and indexes, please just use IDX.'],
    [' minmatchlen', SYNTAX],
    [' minmatchlen x', NOT_INTEGER],
    [' what', SYNTAX],
  ])('lcs a b%s', (options, reply) => {
    expect(line(`lcs a b${options}`)).toEqual(reply);
  });

  it('takes absent keys as empty, and refuses what would take too much', () => {
    expect([line('lcs a none'), line('lcs none none idx')]).toEqual(['', ['matches', [], 'len', 0]]);
    run('set', 'long', 'x'.repeat(MOST_STRING_BYTES));
    expect(line('lcs long long')).toBe('-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
  });
});
