import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';
import { RespDriver } from '../../../src/platform/load/resp/driver.js';
import { ReplyScanner } from '../../../src/platform/load/resp/reply-scanner.js';
import { benchKey, CommandMix, CommandTemplate, KEY } from '../../../src/platform/load/resp/template.js';
import { runLoad } from '../../../src/platform/load/run.js';
import { closedLoop, constantRate } from '../../../src/platform/load/schedule.js';
import { hasPackages } from '../../helpers/programs.js';
import { startRedisServer } from '../../helpers/redis-server.js';
import { tcpServer } from './http-servers.js';
import { sentOf } from './planned.js';

interface Reply {
  readonly type: string;
  readonly first: number | undefined;
}

function scan(pieces: readonly Uint8Array[]): { replies: Reply[]; problem: string | undefined } {
  const replies: Reply[] = [];
  const scanner = new ReplyScanner((type, first) => replies.push({ type: String.fromCharCode(type), first }));
  for (const piece of pieces) scanner.push(piece, piece.length);
  return { replies, problem: scanner.problem };
}

type Value = number | string | null | Error | readonly Value[];

function encode(value: Value): string {
  if (typeof value === 'number') return `:${value}\r\n`;
  if (value === null) return '$-1\r\n';
  if (value instanceof Error) return `-${value.message}\r\n`;
  if (typeof value === 'string') return `$${Buffer.byteLength(value, 'latin1')}\r\n${value}\r\n`;
  return `*${value.length}\r\n${value.map(encode).join('')}`;
}

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer(),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 30 }),
    fc.constant(null),
    fc.stringMatching(/^[A-Z]{3,8} [a-z ]{0,20}$/).map((text) => new Error(text)),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
}));

function firstInteger(of: Value): number | undefined {
  if (typeof of === 'number') return of;
  if (!Array.isArray(of)) return undefined;
  for (const element of of) {
    const found = firstInteger(element);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('ReplyScanner', () => {
  test('counts replies however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(500), { maxLength: 8 }),
        (all, cuts) => {
          const bytes = Buffer.from(all.map(encode).join(''), 'latin1');
          const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
          const pieces = [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
          const { replies, problem } = scan(pieces);
          expect(problem).toBeUndefined();
          expect(replies.map(({ type }) => type)).toEqual(all.map((one) => encode(one).slice(0, 1)));
          expect(replies.map(({ first }) => first)).toEqual(all.map(firstInteger));
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    'HTTP/1.1 400 Bad Request\r\n',
    ':x\r\n',
    '$-2\r\n',
    '$99999999999\r\n',
    '*1048577\r\n',
    '+OK\n',
    `+${'x'.repeat(20_000)}`,
  ])('%j is malformed', (text) => {
    expect(scan([Buffer.from(text)]).problem).toBeDefined();
  });
});

test('a template counts its keys round and round', () => {
  const template = new CommandTemplate(['SET', KEY, 'ü'], 3);
  const made = template.make(4).toString();
  expect(made.match(/ds-bench:\d{12}/g)).toEqual([0, 1, 2, 0].map((n) => `ds-bench:00000000000${n}`));
  expect(made.startsWith('*3\r\n$3\r\nSET\r\n$21\r\nds-bench:000000000000\r\n$2\r\nü\r\n*3\r\n')).toBe(true);
  expect(new CommandTemplate(['PING'], 5).make(2).toString()).toBe('*1\r\n$4\r\nPING\r\n'.repeat(2));
});

interface DriverOptions {
  readonly pipeline?: number;
  readonly password?: string;
  readonly classify?: (firstInteger: number | undefined) => number;
}

function driverFor(port: number, command: CommandTemplate, options: DriverOptions = {}): RespDriver {
  return new RespDriver({
    address: {
      tls: false,
      host: '127.0.0.1',
      port,
      username: undefined,
      password: options.password,
      database: 0,
      shown: `redis://127.0.0.1:${port}`,
    },
    command,
    pipeline: options.pipeline ?? 1,
    classes: [
      { name: 'given', tone: 'good' },
      { name: 'error', tone: 'wrong' },
    ],
    classify: options.classify ?? (() => 0),
    clock: systemClock,
    timeoutMs: 2000,
  });
}

const base = { clock: systemClock, signal: new AbortController().signal, connections: 3, warmupMs: 0, timeoutMs: 2000 };

describe.skipIf(!hasPackages('redis-server', 'redis-tools'))('a real Redis', () => {
  test('is asked as often as is told, pipelined, with a password', async () => {
    const redis = await startRedisServer(['--requirepass', 'secret']);
    try {
      const driver = driverFor(redis.port, new CommandTemplate(['INCR', 'orders'], 1), {
        pipeline: 16,
        password: 'secret',
      });
      const result = await runLoad({ ...base, driver, schedule: closedLoop, durationMs: 300 });
      expect(result).toMatchObject({ failed: 0, unfinished: 0 });
      expect(result.answered).toBe(result.sent);

      let highest = 0;
      const probe = driverFor(redis.port, new CommandTemplate(['INCR', 'orders'], 1), {
        password: 'secret',
        classify: (first) => {
          highest = first ?? 0;
          return 0;
        },
      });
      await runLoad({
        ...base,
        connections: 1,
        driver: probe,
        schedule: constantRate({ count: 1, perMs: 100 }),
        durationMs: 100,
      });
      expect(highest).toBe(result.answered + 1);

      const refused = driverFor(redis.port, new CommandTemplate(['PING'], 1), { password: 'wrong' });
      await expect(runLoad({ ...base, driver: refused, schedule: closedLoop, durationMs: 100 })).rejects.toMatchObject({
        code: 'peer.auth_required',
      });

      const unknown = driverFor(redis.port, new CommandTemplate(['CL.THROTTLE', KEY, '1', '1', '1'], 5), {
        password: 'secret',
      });
      const errors = await runLoad({
        ...base,
        driver: unknown,
        schedule: constantRate({ count: 100, perMs: 1000 }),
        durationMs: 200,
      });
      expect(Object.fromEntries(errors.codes)).toEqual({ 1: 20 });
      expect(unknown.firstError).toMatch(/^ERR unknown command/);
    } finally {
      await redis.stop();
    }
  });
});

test('a reply too many, behind the one that was waited for, neither fails it nor stops the run', async () => {
  const { port } = await tcpServer((socket) => void socket.write('+OK\r\n+OK\r\n'));
  const driver = driverFor(port, new CommandTemplate(['PING'], 1), { pipeline: 1 });
  const result = await runLoad({
    ...base,
    connections: 1,
    driver,
    schedule: constantRate({ count: 100, perMs: 1000 }),
    durationMs: 100,
  });
  expect(result).toMatchObject({ answered: sentOf(result, 10), failed: 0 });
});

test('replies that nobody asked for are malformed, and everything under way fails with them', async () => {
  const { port } = await tcpServer((socket) => void socket.write('+OK\r\n'.repeat(100)));
  const driver = driverFor(port, new CommandTemplate(['PING'], 1), { pipeline: 4 });
  const result = await runLoad({
    ...base,
    driver,
    schedule: constantRate({ count: 100, perMs: 1000 }),
    durationMs: 100,
  });
  expect(result.answered + result.failed).toBe(sentOf(result, 10));
  const other = await tcpServer((socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const wrong = driverFor(other.port, new CommandTemplate(['PING'], 1), { pipeline: 4 });
  const second = await runLoad({
    ...base,
    driver: wrong,
    schedule: constantRate({ count: 100, perMs: 1000 }),
    durationMs: 100,
  });
  expect(second).toMatchObject({ answered: 0, failures: { malformed: sentOf(second, 10) } });
});

test('two commands are woven into each other as evenly as they can be', () => {
  const only = (name: string) => new CommandTemplate([name], 1);
  const names = (share: number, ...counts: number[]) => {
    const mix = new CommandMix(only('A'), only('B'), share);
    return counts.map((count) => mix.make(count).toString().replaceAll(/[^AB]/g, '')).join(' ');
  };
  expect(names(50, 4, 1, 1)).toBe('BABA B A');
  expect(names(75, 8)).toBe('BAAABAAA');
  expect(names(0, 3)).toBe('BBB');
  expect(names(100, 3)).toBe('AAA');
});

test('keys that are stored before are those that are asked for', () => {
  expect(new CommandTemplate(['GET', KEY], 3).make(2).toString()).toContain(benchKey(1));
});
