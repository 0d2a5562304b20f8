import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listCommands } from '../../../../src/blocks/kv/redis/lists/index.js';
import { CommandHost, type Plain } from '../command-host.js';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_AN_INTEGER = '-ERR value is not an integer or out of range';
const MUST_BE_POSITIVE = '-ERR value is out of range, must be positive';
const SYNTAX = '-ERR syntax error';

let host: CommandHost;

beforeEach(() => {
  host = new CommandHost(listCommands);
});

afterEach(() => host.close());

/** `LPOP key 2`, split at blanks. */
function run(line: string): Plain {
  const [name = '', ...args] = line.split(' ');
  return host.run(name, ...args);
}

const all = (key = 'l'): Plain => host.run('lrange', key, 0, -1);

function make(elements: string, key = 'l'): void {
  host.run('ltrim', key, 1, 0);
  host.run('rpush', key, ...elements.split(' '));
}

function putString(key: string): void {
  host.keyspace.turn('write', () => host.keyspace.database(0).setString(key, 'x', undefined));
}

describe('answers as Redis 7.0 gives them', () => {
  test.each<[string, Plain]>([
    ['LPOP l', 'a'],
    ['RPOP l', 'c'],
    ['LPOP l 2', ['a', 'b']],
    ['RPOP l 2', ['c', 'b']],
    ['LPOP l 99', ['a', 'b', 'c', 'a', 'b', 'c']],
    ['LPOP l 9223372036854775807', ['a', 'b', 'c', 'a', 'b', 'c']],
    ['LPOP l 0', []],
    ['LPOP l -1', MUST_BE_POSITIVE],
    ['LPOP l abc', MUST_BE_POSITIVE],
    ['LPOP l 1 2', "-ERR wrong number of arguments for 'lpop' command"],
    ['LPOP missing', null],
    ['LPOP missing 0', null],
    ['LPOP s', WRONG_TYPE],
    ['LPOP s 0', WRONG_TYPE],
    ['LPOP s -1', MUST_BE_POSITIVE],
    ['LPUSH l x y', 8],
    ['LPUSH s x', WRONG_TYPE],
    ['LPUSHX l x', 7],
    ['RPUSHX missing x', 0],
    ['RPUSHX s x', WRONG_TYPE],
    ['LLEN l', 6],
    ['LLEN missing', 0],
    ['LLEN s', WRONG_TYPE],
    ['LINDEX l 1', 'b'],
    ['LINDEX l -1', 'c'],
    ['LINDEX l 6', null],
    ['LINDEX l -7', null],
    ['LINDEX l abc', NOT_AN_INTEGER],
    ['LINDEX missing abc', null],
    ['LINDEX s abc', WRONG_TYPE],
    ['LSET l 0 x', 'OK'],
    ['LSET l 6 x', '-ERR index out of range'],
    ['LSET l -7 x', '-ERR index out of range'],
    ['LSET l abc x', NOT_AN_INTEGER],
    ['LSET missing abc x', '-ERR no such key'],
    ['LSET s abc x', WRONG_TYPE],
    ['LRANGE l 1 2', ['b', 'c']],
    ['LRANGE l -2 -1', ['b', 'c']],
    ['LRANGE l -100 1', ['a', 'b']],
    ['LRANGE l 4 9223372036854775807', ['b', 'c']],
    ['LRANGE l 0 9223372036854775808', NOT_AN_INTEGER],
    ['LRANGE l 3 1', []],
    ['LRANGE missing 0 -1', []],
    ['LRANGE s a 1', NOT_AN_INTEGER],
    ['LRANGE s 0 1', WRONG_TYPE],
    ['LTRIM l 1 -2', 'OK'],
    ['LTRIM missing 0 1', 'OK'],
    ['LTRIM s 0 1', WRONG_TYPE],
    ['LTRIM s a 1', NOT_AN_INTEGER],
    ['LREM l 0 a', 2],
    ['LREM l 1 a', 1],
    ['LREM l -1 a', 1],
    ['LREM l 0 zz', 0],
    ['LREM l -9223372036854775808 b', 2],
    ['LREM missing 0 a', 0],
    ['LREM missing abc a', NOT_AN_INTEGER],
    ['LREM s 0 a', WRONG_TYPE],
    ['LINSERT l before b x', 7],
    ['LINSERT l AFTER c x', 7],
    ['LINSERT l before zz x', -1],
    ['LINSERT l middle b x', SYNTAX],
    ['LINSERT missing before b x', 0],
    ['LINSERT s middle b x', SYNTAX],
    ['LINSERT s before b x', WRONG_TYPE],
    ['LPOS l c', 2],
    ['LPOS l c RANK 2', 5],
    ['LPOS l c RANK -1', 5],
    ['LPOS l c RANK 3', null],
    ['LPOS l c RANK 9223372036854775807', null],
    ['LPOS l c RANK -9223372036854775807', null],
    [
      'LPOS l c RANK -9223372036854775808',
      '-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
    ],
    ['LPOS l c COUNT 0', [2, 5]],
    ['LPOS l c COUNT 1', [2]],
    ['LPOS l c COUNT 0 RANK -1', [5, 2]],
    ['LPOS l c COUNT 0 RANK 2', [5]],
    ['LPOS l c COUNT 9223372036854775807 RANK -2', [2]],
    ['LPOS l c MAXLEN 2', null],
    ['LPOS l c MAXLEN 3', 2],
    ['LPOS l c COUNT 0 MAXLEN 5', [2]],
    ['LPOS l b COUNT 0 RANK -1 MAXLEN 2', [4]],
    ['LPOS l b COUNT 0 MAXLEN 9223372036854775807', [1, 4]],
    ['LPOS l zz', null],
    ['LPOS l zz COUNT 0', []],
    ['LPOS missing a', null],
    ['LPOS missing a COUNT 2', []],
    ['LPOS l a RANK abc', NOT_AN_INTEGER],
    ['LPOS l a COUNT -1', "-ERR COUNT can't be negative"],
    ['LPOS l a MAXLEN abc', "-ERR MAXLEN can't be negative"],
    ['LPOS l a COUNT', SYNTAX],
    ['LPOS l a FOO 1', SYNTAX],
    ['LPOS s a', WRONG_TYPE],
    ['LMOVE l other left right', 'a'],
    ['LMOVE l other sideways right', SYNTAX],
    ['LMOVE missing s left sideways', SYNTAX],
    ['LMOVE missing s left right', null],
    ['LMOVE l s left right', WRONG_TYPE],
    ['LMOVE s l left right', WRONG_TYPE],
    ['RPOPLPUSH l other', 'c'],
    ['RPOPLPUSH missing other', null],
    ['LMPOP 1 l left', ['l', ['a']]],
    ['LMPOP 2 missing l RIGHT COUNT 2', ['l', ['c', 'b']]],
    ['LMPOP 1 missing left', null],
    ['LMPOP 0 l left', '-ERR numkeys should be greater than 0'],
    ['LMPOP abc l left', '-ERR numkeys should be greater than 0'],
    ['LMPOP 2 l left', SYNTAX],
    ['LMPOP 9223372036854775807 l left', SYNTAX],
    ['LMPOP 1 l sideways', SYNTAX],
    ['LMPOP 1 l left COUNT 0', '-ERR count should be greater than 0'],
    ['LMPOP 1 l left COUNT abc', '-ERR count should be greater than 0'],
    ['LMPOP 1 l left COUNT', SYNTAX],
    ['LMPOP 1 l left COUNT 1 COUNT 1', SYNTAX],
    ['LMPOP 2 missing s left', WRONG_TYPE],
    ['BLPOP missing l 0', ['l', 'a']],
    ['BRPOP l missing 0', ['l', 'c']],
    ['BLPOP missing 1', null],
    ['BLPOP missing s 1', WRONG_TYPE],
    ['BLPOP s abc', '-ERR timeout is not a float or out of range'],
    ['BLPOP l -1', '-ERR timeout is negative'],
    ['BLPOP l 1e300', '-ERR timeout is out of range'],
    ['BLPOP l 0x7FFFFFFFFFFFFFFF', '-ERR timeout is out of range'],
    ['BLMPOP 1 2 missing l left COUNT 2', ['l', ['a', 'b']]],
    ['BLMPOP abc 1 l sideways', SYNTAX],
    ['BLMPOP -1 0 l left', '-ERR numkeys should be greater than 0'],
    ['BLMPOP -1 1 l left', '-ERR timeout is negative'],
    ['BLMOVE l other right left 0', 'c'],
    ['BLMOVE missing s left right 1', null],
    ['BLMOVE missing s left right abc', '-ERR timeout is not a float or out of range'],
    ['BLMOVE l s left right 0', WRONG_TYPE],
    ['BRPOPLPUSH l other 0', 'c'],
    ['BRPOPLPUSH s l abc', '-ERR timeout is not a float or out of range'],
  ])('%s', (line, answer) => {
    make('a b c a b c');
    putString('s');
    expect(run(line)).toEqual(answer);
  });

  test('a RANK of 0 is explained', () => {
    expect(run('LPOS missing a RANK 0')).toMatch(/^-ERR RANK can't be zero: use 1 to start from the first match/);
  });
});

describe('what a list is afterwards', () => {
  test.each<[string, string[]]>([
    ['LPUSH l x y', ['y', 'x', 'a', 'b', 'c', 'a']],
    ['RPUSH l x y', ['a', 'b', 'c', 'a', 'x', 'y']],
    ['LINSERT l before b x', ['a', 'x', 'b', 'c', 'a']],
    ['LINSERT l before a x', ['x', 'a', 'b', 'c', 'a']],
    ['LINSERT l after a x', ['a', 'x', 'b', 'c', 'a']],
    ['LREM l 0 a', ['b', 'c']],
    ['LREM l 1 a', ['b', 'c', 'a']],
    ['LREM l -1 a', ['a', 'b', 'c']],
    ['LREM l 0 b', ['a', 'c', 'a']],
    ['LTRIM l 1 2', ['b', 'c']],
    ['LTRIM l 2 2', ['c']],
    ['LTRIM l 3 1', []],
    ['LSET l -2 x', ['a', 'b', 'x', 'a']],
    ['LMOVE l l left right', ['b', 'c', 'a', 'a']],
    ['LMOVE l l left left', ['a', 'b', 'c', 'a']],
    ['RPOPLPUSH l l', ['a', 'a', 'b', 'c']],
  ])('%s', (line, left) => {
    make('a b c a');
    run(line);
    expect(all()).toEqual(left);
    host.reopen();
    expect(all()).toEqual(left);
  });

  test('elements hold any bytes, empty ones too', () => {
    host.run('rpush', 'empty', '', '');
    expect(all('empty')).toEqual(['', '']);
    host.runBytes('rpush', 'k\0\xff', '', '\0', '\xff\xfe\r\n');
    host.reopen();
    expect(host.runBytes('lrange', 'k\0\xff', '0', '-1')).toEqual(['', '\0', '\xff\xfe\r\n']);
    expect(host.runBytes('lpos', 'k\0\xff', '\xff\xfe\r\n')).toBe(2);
    expect(host.runBytes('linsert', 'k\0\xff', 'before', '\0', 'x')).toBe(4);
    expect(host.runBytes('lrem', 'k\0\xff', '0', '')).toBe(1);
  });

  test('ranges of any length, of elements of any length, are whole', () => {
    const elements = Array.from({ length: 450 }, (_, i) => '\xe9'.repeat(i % 7) + (i % 5 === 0 ? '' : i));
    host.runBytes('rpush', 'l', ...elements);
    for (const [from, to] of [
      [0, 449],
      [0, 99],
      [0, 100],
      [99, 299],
      [350, 449],
      [449, 449],
    ] as const)
      expect(host.runBytes('lrange', 'l', `${from}`, `${to}`)).toEqual(elements.slice(from, to + 1));
  });

  test('a list without elements is no key; one that is turned keeps its time', () => {
    make('a');
    expect(host.keyspace.database(0).size).toBe(1);
    host.keyspace.turn('write', () => {
      const entry = host.keyspace.database(0).find('l');
      if (entry !== undefined) host.keyspace.database(0).put('l', entry, host.clock.now() + 1_000);
    });
    run('RPOPLPUSH l l');
    host.clock.advance(999);
    expect(all()).toEqual(['a']);
    host.clock.advance(1);
    expect(all()).toEqual([]);
    make('a b');
    run('LPOP l 2');
    expect(host.keyspace.database(0).size).toBe(0);
  });

  test('a command that changes nothing takes no revision', () => {
    make('a b');
    const { revision } = host.keyspace;
    for (const line of [
      'LREM l 0 zz',
      'LPOP l 0',
      'LTRIM l 0 -1',
      'LINSERT l before zz x',
      'LPUSHX none x',
      'LPOP none',
    ])
      run(line);
    expect(host.keyspace.revision).toBe(revision);
  });
});

describe('as an array', () => {
  /** Numbers are taken modulo the length, so that most commands find something. */
  const step = fc.oneof(
    fc.record({
      kind: fc.constantFrom('lpush', 'rpush'),
      values: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    }),
    fc.record({
      kind: fc.constantFrom('lpop', 'rpop', 'lset', 'before', 'after', 'reopen', 'trim', 'rotate'),
      at: fc.nat(100),
    }),
    fc.record({
      kind: fc.constant('lrem'),
      value: fc.constantFrom('a', 'b', 'c'),
      count: fc.integer({ min: -3, max: 3 }),
    }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  test('whatever is done to it, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        run('LTRIM l 1 0');
        let model: string[] = [];
        for (const [number, one] of steps.entries()) model = apply(model, one, number);
        check(model);
      }),
      { numRuns: 60 },
    );
  });

  function check(model: readonly string[]): void {
    expect(all()).toEqual(model);
    expect(run('LLEN l')).toBe(model.length);
    for (const [index, value] of model.entries()) {
      expect(host.run('lindex', 'l', index)).toBe(value);
      expect(host.run('lindex', 'l', index - model.length)).toBe(value);
    }
    for (const value of ['a', 'b', 'c']) {
      const indexes = model.flatMap((one, index) => (one === value ? [index] : []));
      expect(host.run('lpos', 'l', value, 'COUNT', 0)).toEqual(indexes);
      expect(host.run('lpos', 'l', value, 'COUNT', 0, 'RANK', -1)).toEqual(indexes.reverse());
      const near = indexes.filter((index) => index >= model.length - 3);
      expect(host.run('lpos', 'l', value, 'COUNT', 0, 'RANK', -1, 'MAXLEN', 3)).toEqual(near);
    }
  }

  function apply(model: string[], one: Step, number: number): string[] {
    if ('values' in one) {
      host.run(one.kind, 'l', ...one.values);
      return one.kind === 'lpush' ? [...[...one.values].reverse(), ...model] : [...model, ...one.values];
    }
    if ('value' in one) {
      host.run('lrem', 'l', one.count, one.value);
      return removed(model, one.value, one.count);
    }
    if (one.kind === 'reopen') host.reopen();
    if (model.length === 0) return model;
    const at = one.at % model.length;
    return changed(model, one.kind, at, `${number}`);
  }

  function removed(model: readonly string[], value: string, count: number): string[] {
    let left = count === 0 ? model.length : Math.abs(count);
    const keep = (one: string) => one !== value || left-- <= 0;
    return count < 0 ? model.toReversed().filter(keep).reverse() : model.filter(keep);
  }

  function changed(model: string[], kind: string, at: number, value: string): string[] {
    const pivot = model.indexOf(model[at] ?? '');
    switch (kind) {
      case 'lpop':
        host.run('lpop', 'l', at + 1);
        return model.slice(at + 1);
      case 'rpop':
        host.run('rpop', 'l', at + 1);
        return model.slice(0, model.length - at - 1);
      case 'lset':
        host.run('lset', 'l', at, value);
        return model.with(at, value);
      case 'before':
      case 'after':
        host.run('linsert', 'l', kind, model[at] ?? '', value);
        return model.toSpliced(kind === 'before' ? pivot : pivot + 1, 0, value);
      case 'trim':
        host.run('ltrim', 'l', at, -2);
        return model.slice(at, -1);
      case 'rotate':
        host.run('rpoplpush', 'l', 'l');
        return [model.at(-1) ?? '', ...model.slice(0, -1)];
      default:
        return model;
    }
  }

  test('insertions at one place, many more than there is room between two elements, next to an end and far from it', () => {
    for (const length of [1, 2, 40, 500]) {
      make(Array.from({ length }, (_, i) => `e${i}`).join(' '));
      const model = Array.from({ length }, (_, i) => `e${i}`);
      const middle = Math.floor(length / 2);
      for (let i = 0; i < 300; i++) {
        host.run('linsert', 'l', i % 2 === 0 ? 'after' : 'before', `e${middle}`, `x${i}`);
        model.splice(model.indexOf(`e${middle}`) + (i % 2 === 0 ? 1 : 0), 0, `x${i}`);
      }
      expect(all()).toEqual(model);
      expect(host.run('lindex', 'l', 150)).toBe(model[150]);
    }
  });

  test('a long list that is cut down to a few elements is handed over, and what was cut is garbage', () => {
    const elements = Array.from({ length: 2_000 }, (_, i) => `e${i}`);
    host.run('rpush', 'l', ...elements);
    run('LTRIM l 1000 1002');
    expect(all()).toEqual(['e1000', 'e1001', 'e1002']);
    expect(host.keyspace.tables.garbage()).toMatchObject({ kind: 'owner' });
    run('RPUSH l x');
    run('LPUSH l y');
    expect(all()).toEqual(['y', 'e1000', 'e1001', 'e1002', 'x']);
  });
});
