import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { parseCheck } from '../../../../../src/blocks/dns/discovery/check.js';
import { defaultRules, type Target, targetKey } from '../../../../../src/blocks/dns/discovery/target.js';
import { Name } from '../../../../../src/blocks/dns/name.js';
import { Checker } from '../../../../../src/blocks/dns/server/discovery/checker.js';
import { runCheck } from '../../../../../src/blocks/dns/server/discovery/run-check.js';
import { systemRandom } from '../../../../../src/platform/clock.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { waitFor } from '../../../../helpers/wait-for.js';

const never = new AbortController().signal;
const here = { address: '127.0.0.1', port: undefined };

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const check = (text: string, timeoutMs = 2_000, signal = never) => runCheck(parseCheck(text), here, timeoutMs, signal);

test('a TCP check is a connection', async () => {
  const server = createServer((socket) => socket.destroy());
  const port = await listening(server);
  expect(await check(`tcp:${port}`)).toBe('');
  server.close();
  await once(server, 'close');
  expect(await check(`tcp:${port}`)).toBe('nothing listens there');
  expect(await check('tcp:')).toBe('the check names no port');
});

test('an HTTP check is a GET that gets 2xx or 3xx', async () => {
  const port = await listening(
    createHttpServer((request, response) => {
      response.statusCode = request.url === '/ok' ? 204 : request.url === '/moved' ? 302 : 503;
      response.end('x'.repeat(100_000));
    }),
  );
  expect(await check(`http:${port}/ok`)).toBe('');
  expect(await check(`http:${port}/moved`)).toBe('');
  expect(await check(`http:${port}/down`)).toBe('status 503');
});

test('a server that takes the connection and says nothing is not well in time', async () => {
  const port = await listening(createServer((socket) => void socket.resume()));
  expect(await check(`http:${port}/`, 50)).toBe('no answer within 50 ms');
});

test('a command is told where the target is, and its exit code counts', async () => {
  expect(await check('command:test "$DS_ADDRESS" = 127.0.0.1')).toBe('');
  expect(await check('command:exit 7')).toBe('exit code 7');
  expect(await check('command:test -z "$HOME$DS_HOME"')).toBe('');
});

test('a command that does not end is ended, with what it started', async () => {
  expect(await check('command:sleep 100 & sleep 100', 100)).toBe('no answer within 100 ms');
});

function target(port: number, parts: Partial<Target> = {}): Target {
  const rdata = Uint8Array.of(127, 0, 0, 1);
  return { ...defaultRules, name: Name.parse('api.shop.test'), type: 1, rdata, check: `tcp:${port}`, ...parts };
}

function makeChecker() {
  const clock = new ManualClock();
  const noted: string[] = [];
  const checker = new Checker({
    clock,
    random: systemRandom,
    logger: pino({ level: 'silent' }),
    locate: () => here,
    note: (_target, { state }) => noted.push(state),
  });
  onTestFinished(() => checker.close());
  /** Lets the next check run. */
  const next = async () => {
    await waitFor(() => clock.sleeping > 0);
    const before = noted.length;
    clock.advance(6_000);
    await waitFor(() => noted.length > before);
  };
  return { checker, clock, noted, next };
}

test('a target goes down, is held down, and comes back; what is noted is what happened', async () => {
  const { checker, clock, noted, next } = makeChecker();
  const server = createServer((socket) => socket.destroy());
  const port = await listening(server);
  const one = target(port, { holdDownMs: 10_000 });
  checker.update([one]);
  await waitFor(() => noted.length === 1);
  server.close();
  await once(server, 'close');
  await next();
  await next();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  for (let i = 0; i < 4; i++) await next();
  expect(noted).toEqual(['up', 'up', 'down', 'down', 'held', 'held', 'up']);
  expect(checker.health(targetKey(one))?.state).toBe('up');
  expect(clock.sleeping).toBeLessThanOrEqual(1);
});

test('a wall clock that steps back or ahead neither ends nor prolongs a hold-down', async () => {
  const { checker, clock, noted, next } = makeChecker();
  const server = createServer((socket) => socket.destroy());
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  checker.update([target(port, { holdDownMs: 10_000, rise: 1 })]);
  await waitFor(() => noted.length === 1);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  await next();
  clock.step(3_600_000);
  await next();
  clock.step(-7_200_000);
  await next();
  expect(noted).toEqual(['down', 'held', 'held', 'up']);
});

test('rules that change begin anew; what is gone is checked no more; without a check there is none', async () => {
  const { checker, clock, noted } = makeChecker();
  const port = await listening(createServer((socket) => socket.destroy()));
  checker.update([target(port)]);
  await waitFor(() => noted.length === 1 && clock.sleeping === 1);
  checker.update([target(port)]);
  expect(clock.sleeping).toBe(1);
  checker.update([target(port, { fall: 5 })]);
  await waitFor(() => noted.length === 2);
  checker.update([target(port, { check: '' })]);
  await waitFor(() => clock.sleeping === 0);
  expect(checker.states).toEqual({ unknown: 0, up: 0, held: 0, down: 0 });
});
