import { describe, expect, test } from 'vitest';
import type { Turns } from '../../../../src/platform/protocol/resp/turns.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { command, RawClient, serve } from './serve.js';

const atOnce: Turns = { end: () => false };

async function paused(how: string, options: { readonly turns?: Turns } = {}) {
  const clock = new ManualClock();
  const order: string[] = [];
  const set = command(
    'SET',
    (_client, [value]) => {
      order.push(String(value));
      return value ?? 'nothing';
    },
    { flags: ['write'], arity: 2 },
  );
  const served = await serve([set], { clock, ...options });
  const pauser = new RawClient(served.port);
  pauser.send(`CLIENT PAUSE ${how}\r\n`);
  await pauser.expect('+OK\r\n');
  const kept = async (count: number) => {
    const observer = new RawClient(served.port);
    observer.send('CLIENT ID\r\n');
    await waitFor(() => served.server.blocked >= count, { what: `${count} commands kept` });
    observer.socket.destroy();
  };
  return { ...served, clock, order, pauser, kept };
}

describe.each([
  ['without turns', {}],
  ['with turns', { turns: atOnce }],
])('CLIENT PAUSE, %s', (_name, options) => {
  test('WRITE keeps writes until the time is over, in order of arrival, and lets the rest pass', async () => {
    const { port, clock, order, kept } = await paused('1000 WRITE', options);
    const [first, second] = [new RawClient(port), new RawClient(port)];
    first.send('PING\r\nSET\r\nNOPE\r\nSET a\r\nPING\r\n');
    await first.expect(
      "+PONG\r\n-ERR wrong number of arguments for 'set' command\r\n" +
        "-ERR unknown command 'NOPE', with args beginning with: \r\n",
    );
    await kept(1);
    second.send('SET b\r\n');
    await kept(2);
    clock.advance(999);
    second.send('SET c\r\n');
    const reader = new RawClient(port);
    reader.send('CLIENT INFO\r\nINFO clients\r\n');
    await waitFor(() => reader.received.includes('blocked_clients:2'));
    expect(order).toEqual([]);
    clock.advance(1);
    await first.expect('$1\r\na\r\n+PONG\r\n');
    await second.expect('$1\r\nb\r\n$1\r\nc\r\n');
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('ALL keeps everything of everybody, CLIENT UNPAUSE and QUIT among it', async () => {
    const { port, clock, pauser, kept } = await paused('1000', options);
    const other = new RawClient(port);
    pauser.send('CLIENT UNPAUSE\r\nPING\r\n');
    other.send('NOPE\r\nQUIT\r\n');
    await other.expect("-ERR unknown command 'NOPE', with args beginning with: \r\n");
    await kept(2);
    expect(pauser.received).toBe('');
    clock.advance(1000);
    await pauser.expect('+OK\r\n+PONG\r\n');
    expect(await other.untilEnded()).toBe('+OK\r\n');
  });

  test('ends with CLIENT UNPAUSE', async () => {
    const { port, pauser, kept } = await paused('100000 WRITE', options);
    const other = new RawClient(port);
    other.send('SET a\r\n');
    await kept(1);
    pauser.send('CLIENT UNPAUSE\r\n');
    await pauser.expect('+OK\r\n');
    await other.expect('$1\r\na\r\n');
  });

  test('a later one makes it stricter and longer, never less', async () => {
    const { clock, pauser, kept } = await paused('1000 WRITE', options);
    pauser.send('CLIENT PAUSE 500 ALL\r\nPING\r\n');
    await pauser.expect('+OK\r\n');
    await kept(1);
    clock.advance(999);
    await kept(1);
    expect(pauser.received).toBe('');
    clock.advance(1);
    await pauser.expect('+PONG\r\n');
    pauser.send('CLIENT PAUSE 0 ALL\r\nPING\r\n');
    await pauser.expect('+OK\r\n+PONG\r\n');
  });

  test.each(['destroy', 'end'] as const)('what is kept is not run when its peer leaves (%s)', async (how) => {
    const { port, server, clock, order, pauser, kept } = await paused('1000 WRITE', options);
    const [leaver, late] = [new RawClient(port), new RawClient(port)];
    leaver.send('SET a\r\n');
    await kept(1);
    leaver.socket[how]();
    late.socket.end('SET b\r\n');
    await waitFor(() => server.connections === 1);
    clock.advance(1000);
    pauser.send('SET c\r\n');
    await pauser.expect('$1\r\nc\r\n');
    expect(order).toEqual(['c']);
  });

  test('tells b in CLIENT LIST, and CLIENT UNBLOCK has nobody to unblock', async () => {
    const { port, pauser, kept } = await paused('1000 WRITE', options);
    const other = new RawClient(port);
    other.send('SET a\r\n');
    await kept(1);
    pauser.send('CLIENT LIST\r\n');
    await waitFor(() => /id=2 .* flags=b /.test(pauser.received));
    pauser.received = '';
    pauser.send('CLIENT UNBLOCK 2\r\nCLIENT KILL ID 2\r\n');
    await pauser.expect(':0\r\n:1\r\n');
    expect(await other.untilEnded()).toBe('');
  });

  test('does not hold up the end of the server', async () => {
    const { port, server, kept } = await paused('100000', options);
    const other = new RawClient(port);
    other.send('SET a\r\n');
    await kept(1);
    await server.stop(10_000);
    expect(await other.untilEnded()).toBe('');
  });
});

test("CLIENT PAUSE refuses what Redis refuses, in Redis's words", async () => {
  const { port } = await serve();
  const client = new RawClient(port);
  const cases: [request: string, reply: string][] = [
    ['', "wrong number of arguments for 'client|pause' command"],
    ['x', 'timeout is not an integer or out of range'],
    ['1.5', 'timeout is not an integer or out of range'],
    ['9223372036854775808', 'timeout is not an integer or out of range'],
    ['9223372036854775807', 'timeout is out of range'],
    ['-1', 'timeout is negative'],
    ['x nope', 'CLIENT PAUSE mode must be WRITE or ALL'],
    ['1 ALL x', "unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP."],
    ['1 WRITE', 'CLIENT PAUSE WRITE has no meaning here: no command writes. Use ALL'],
  ];
  for (const [request, reply] of cases) {
    client.send(`CLIENT PAUSE ${request}\r\n`);
    await client.expect(`-ERR ${reply}\r\n`);
  }
});
