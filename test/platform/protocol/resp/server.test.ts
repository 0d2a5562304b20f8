import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/platform/clock.js';
import { defineErrors } from '../../../../src/platform/errors.js';
import { createRespServer, OK, type Reply, raw } from '../../../../src/platform/protocol/resp/index.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { command, RawClient, serve } from './serve.js';

/** A command whose replies the test gives, in any order. */
function deferred() {
  const waiting: { resolve(reply: Reply): void; reject(error: unknown): void }[] = [];
  const slow = command('SLOW', () => new Promise<Reply>((resolve, reject) => waiting.push({ resolve, reject })));
  return { slow, waiting };
}

const GET_ERRORS = defineErrors({ 'test.gone': { kind: 'no', meaning: 'It is gone.' } });

describe('replies', () => {
  test('keep the order of the commands, whichever finishes first', async () => {
    const { slow, waiting } = deferred();
    const { port } = await serve([slow]);
    const client = new RawClient(port);
    client.send('SLOW\r\nPING\r\nSLOW\r\nECHO x\r\n');
    await waitFor(() => waiting.length === 2);
    waiting[1]?.resolve('second');
    waiting[0]?.resolve('first');
    await client.expect('$5\r\nfirst\r\n+PONG\r\n$6\r\nsecond\r\n$1\r\nx\r\n');
  });

  test('of one chunk leave with one write', async () => {
    const { port } = await serve();
    const client = new RawClient(port);
    const chunks: number[] = [];
    client.socket.on('data', (chunk) => chunks.push(chunk.length));
    client.send('PING\r\n'.repeat(1000));
    await client.expect('+PONG\r\n'.repeat(1000));
    expect(chunks).toHaveLength(1);
  });

  test('are errors for what a handler throws, now or later, and the connection lives on', async () => {
    const logged: unknown[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
    const gone = GET_ERRORS.error('test.gone', 'x is gone\r\nfor good', {
      hint: 'make it: ds x',
      details: { at_ms: 5 },
    });
    const { port } = await serve(
      [
        command('KNOWN', () => {
          throw gone;
        }),
        command('LATER', () => Promise.reject(gone)),
        command('BROKEN', () => {
          throw new Error('a secret detail');
        }),
        command('UNSENDABLE', () => Number.NaN),
      ],
      { logger },
    );
    const client = new RawClient(port);
    client.send('KNOWN\r\nLATER\r\nBROKEN\r\nUNSENDABLE\r\nPING\r\n');
    const known = '-TEST.GONE x is gone  for good (hint: make it: ds x) {"at_ms":5}\r\n';
    await client.expect(`${known}${known}-ERR internal error\r\n-ERR internal error\r\n+PONG\r\n`);
    expect(logged).toMatchObject([
      { command: 'broken', err: { message: 'a secret detail' } },
      { msg: expect.any(String) },
    ]);
  });

  test('reach a peer that has closed its sending side', async () => {
    const { slow, waiting } = deferred();
    const { port, server } = await serve([slow]);
    const client = new RawClient(port, { allowHalfOpen: true });
    client.socket.end('SLOW\r\nPING\r\n');
    await waitFor(() => waiting.length === 1);
    waiting[0]?.resolve(1);
    expect(await client.untilEnded()).toBe(':1\r\n+PONG\r\n');
    await waitFor(() => server.connections === 0);
  });

  test('a barrier waits for everything before it, and holds what comes after', async () => {
    const { slow, waiting } = deferred();
    const { port } = await serve([slow]);
    const client = new RawClient(port);
    client.send('SLOW\r\nHELLO 3\r\nCLIENT GETNAME\r\nSLOW\r\n');
    await waitFor(() => waiting.length === 1);
    waiting[0]?.resolve(null);
    await waitFor(() => waiting.length === 2);
    waiting[1]?.resolve(null);
    await waitFor(() => client.received.endsWith('_\r\n_\r\n'));
    // The null before HELLO 3 is RESP2's, the ones behind it are RESP3's.
    expect(client.received).toMatch(/^\$-1\r\n%7\r\n/);
  });
});

describe('the server refuses', () => {
  test("with Redis's texts: unknown commands, wrong arity, unknown subcommands", async () => {
    const { port } = await serve([command('TWO', () => OK, { arity: 3 })]);
    const client = new RawClient(port);
    const cases: [request: string, reply: string][] = [
      ['foo bar baz', "-ERR unknown command 'foo', with args beginning with: 'bar' 'baz' "],
      ['FOO', "-ERR unknown command 'FOO', with args beginning with: "],
      ['"\\xff\\n" "\\r\\xfe"', "-ERR unknown command '\xff ', with args beginning with: ' \xfe' "],
      ['two 1', "-ERR wrong number of arguments for 'two' command"],
      ['TWO 1 2 3', "-ERR wrong number of arguments for 'two' command"],
      ['PING 1 2', "-ERR wrong number of arguments for 'ping' command"],
      ['CLIENT', "-ERR wrong number of arguments for 'client' command"],
      ['CLIENT NOPE', "-ERR unknown subcommand 'NOPE'. Try CLIENT HELP."],
      ['CLIENT SETNAME', "-ERR wrong number of arguments for 'client|setname' command"],
      ['CLIENT SETNAME "a b"', '-ERR Client names cannot contain spaces, newlines or special characters.'],
      ['SELECT 1', '-ERR DB index is out of range'],
      ['SELECT x', '-ERR value is not an integer or out of range'],
      ['HELLO 4', '-NOPROTO unsupported protocol version'],
      ['HELLO x', '-ERR Protocol version is not an integer or out of range'],
      ['HELLO 2 NOPE', "-ERR Syntax error in HELLO option 'NOPE'"],
      ['two 1 2', '+OK'],
      ['SELECT 0', '+OK'],
    ];
    for (const [request, reply] of cases) {
      client.send(`${request}\r\n`);
      await client.expect(`${reply}\r\n`);
    }
  });

  test('a frame that announces 4 GB, and lives on', async () => {
    const { port, server } = await serve();
    const client = new RawClient(port);
    client.send('PING\r\n*1\r\n$4294967296\r\n');
    expect(await client.untilEnded()).toBe('+PONG\r\n-ERR Protocol error: invalid bulk length\r\n');
    await waitFor(() => server.connections === 0);
    const next = new RawClient(port);
    next.send('PING\r\n');
    await next.expect('+PONG\r\n');
    expect(server.counters.protocolErrors).toBe(1);
  });

  test('garbage, with the error delivered although more garbage follows', async () => {
    const { port, server } = await serve();
    const client = new RawClient(port);
    client.send(`*1\r\nx${'garbage'.repeat(100_000)}`);
    expect(await client.untilEnded()).toBe("-ERR Protocol error: expected '$', got 'x'\r\n");
    await waitFor(() => server.connections === 0);
  });

  test.each(['POST / HTTP/1.1\r\nHost: a\r\n\r\nPING\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r\nPING\r\n'])(
    'what a browser sends: %j',
    async (request) => {
      const { port, server } = await serve([command('GET', () => 'x', { arity: 2 })]);
      const client = new RawClient(port);
      client.send(request);
      expect(await client.untilEnded()).not.toContain('PONG');
      await waitFor(() => server.connections === 0);
    },
  );

  test("one client too many, with Redis's text", async () => {
    const { port, server } = await serve([], { limits: { maxClients: 1 } });
    const first = new RawClient(port);
    first.send('PING\r\n');
    await first.expect('+PONG\r\n');
    expect(await new RawClient(port).untilEnded()).toBe('-ERR max number of clients reached\r\n');
    first.socket.destroy();
    await waitFor(() => server.connections === 0);
    const next = new RawClient(port);
    next.send('PING\r\n');
    await next.expect('+PONG\r\n');
    expect(server.counters.rejected).toBe(1);
  });
});

describe('a password', () => {
  const password = Buffer.from('open sesame');
  const NOAUTH = '-NOAUTH Authentication required.\r\n';
  const WRONG = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';

  test('is asked for before any handler runs', async () => {
    let calls = 0;
    const { port } = await serve([command('CALL', () => ++calls)], { password });
    const client = new RawClient(port);
    client.send('CALL\r\nPING\r\nINFO\r\nCLIENT LIST\r\nCOMMAND\r\n');
    await client.expect(NOAUTH.repeat(5));
    client.send('AUTH wrong\r\nAUTH default wrong\r\nAUTH nobody "open sesame"\r\nCALL\r\n');
    await client.expect(`${WRONG.repeat(3)}${NOAUTH}`);
    expect(calls).toBe(0);
    client.send('AUTH "open sesame"\r\nCALL\r\n');
    await client.expect('+OK\r\n:1\r\n');
    client.send('RESET\r\nCALL\r\nAUTH default "open sesame"\r\nCALL\r\n');
    await client.expect(`+RESET\r\n${NOAUTH}+OK\r\n:2\r\n`);
  });

  test('can come with HELLO, which needs it', async () => {
    const { port } = await serve([], { password });
    const client = new RawClient(port);
    client.send('HELLO 3\r\n');
    await waitFor(() => client.received.startsWith('-NOAUTH HELLO must be called'));
    client.received = '';
    client.send('HELLO 3 AUTH default no\r\n');
    await client.expect(WRONG);
    client.send('HELLO 3 AUTH default "open sesame" SETNAME me\r\nCLIENT GETNAME\r\n');
    await waitFor(() => client.received.endsWith('$2\r\nme\r\n'));
    expect(client.received).toMatch(/^%7\r\n\$6\r\nserver\r\n\$7\r\nds-test\r\n/);
  });

  test('lifts the small limits that hold before it', async () => {
    const { port } = await serve([], { password });
    const early = new RawClient(port);
    early.send('*2\r\n$4\r\nECHO\r\n$20000\r\n');
    expect(await early.untilEnded()).toBe('-ERR Protocol error: unauthenticated bulk length\r\n');
    const client = new RawClient(port);
    client.send(`AUTH "open sesame"\r\n*2\r\n$4\r\nECHO\r\n$20000\r\n${'x'.repeat(20_000)}\r\n`);
    await client.expect(`+OK\r\n$20000\r\n${'x'.repeat(20_000)}\r\n`);
  });

  test('that was not set cannot be given', async () => {
    const { port } = await serve();
    const client = new RawClient(port);
    client.send('AUTH x\r\n');
    await waitFor(() => client.received.startsWith('-ERR AUTH <password> called without any password configured'));
  });
});

describe('a peer is bounded', () => {
  test('in outstanding replies: it is not read further until some have left', async () => {
    const { slow, waiting } = deferred();
    const { port, server } = await serve([slow], { limits: { maxPendingReplies: 10 } });
    const client = new RawClient(port);
    client.send('SLOW\r\n'.repeat(50));
    await waitFor(() => server.pending === 10);
    for (let answered = 0; answered < 50; answered++) {
      await waitFor(() => waiting.length > 0);
      expect(server.pending).toBeLessThanOrEqual(10);
      waiting.shift()?.resolve(answered);
    }
    await client.expect(Array.from({ length: 50 }, (_, index) => `:${index}\r\n`).join(''));
  });

  test('in unsent replies: commands wait while it does not read', async () => {
    const block = Buffer.from(`$100000\r\n${'x'.repeat(100_000)}\r\n`);
    let calls = 0;
    const handle = () => {
      calls++;
      return raw(block);
    };
    const { port } = await serve([command('BLOCK', handle)], { limits: { outputSoftBytes: 300_000 } });
    const client = new RawClient(port);
    client.socket.pause();
    client.send('BLOCK\r\n'.repeat(1000));
    let before = -1;
    await waitFor(
      () => {
        const still = calls > 0 && calls === before;
        before = calls;
        return still;
      },
      { intervalMs: 100 },
    );
    // Soft limit and the kernel's buffers: far less than the 100 MB asked for.
    expect(calls).toBeLessThan(300);
    client.socket.resume();
    await waitFor(() => client.received.length === 1000 * block.length);
    expect(calls).toBe(1000);
  });

  test('in unsent replies of one moment: it is cut', async () => {
    const { port, server } = await serve([command('HUGE', () => Buffer.alloc(30_000_000))], {
      limits: { outputHardBytes: 8_000_000 },
    });
    const client = new RawClient(port);
    client.socket.pause();
    client.send('HUGE\r\n');
    await waitFor(() => server.counters.slowReaders === 1 && server.connections === 0);
  });

  test('in the time that its replies lie unread', async () => {
    const clock = new ManualClock();
    const { port, server } = await serve([command('HUGE', () => Buffer.alloc(30_000_000))], {
      clock,
      limits: { outputStallMs: 5000 },
    });
    const client = new RawClient(port);
    client.socket.pause();
    client.send('HUGE\r\n');
    await waitFor(() => client.socket.readableLength > 0);
    await passSeconds(clock, 4);
    expect(server.connections).toBe(1);
    await passSeconds(clock, 3);
    await waitFor(() => server.connections === 0);
    expect(server.counters.slowReaders).toBe(1);
  });

  test('in silence, where that is asked for', async () => {
    const clock = new ManualClock();
    const { port, server } = await serve([], { clock, limits: { idleTimeoutMs: 3000 } });
    const [idle, busy] = [new RawClient(port), new RawClient(port)];
    await waitFor(() => server.connections === 2);
    for (let second = 0; second < 6; second++) {
      busy.send('PING\r\n');
      await busy.expect('+PONG\r\n');
      await passSeconds(clock, 1);
    }
    await idle.untilEnded();
    expect(busy.ended).toBe(false);
  });

  async function passSeconds(clock: ManualClock, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await waitFor(() => clock.sleeping > 0);
      clock.advance(1000);
    }
    await waitFor(() => clock.sleeping > 0);
  }
});

describe('closing', () => {
  test('QUIT lets a slow peer have all that was answered before', async () => {
    const clock = new ManualClock();
    const { port, server } = await serve([command('HUGE', () => Buffer.alloc(20_000_000, 'x'))], { clock });
    const client = new RawClient(port);
    client.socket.pause();
    client.send('HUGE\r\nQUIT\r\n');
    await waitFor(() => client.socket.readableLength > 0);
    for (let second = 0; second < 10; second++) {
      await waitFor(() => clock.sleeping > 0);
      clock.advance(1000);
    }
    client.socket.resume();
    const received = await client.untilEnded();
    expect(received).toHaveLength('$20000000\r\n'.length + 20_000_000 + '\r\n+OK\r\n'.length);
    await waitFor(() => server.connections === 0);
  });

  test('cuts a peer that never closes its side, a moment after everything was sent', async () => {
    const clock = new ManualClock();
    const { port, server } = await serve([], { clock });
    const client = new RawClient(port, { allowHalfOpen: true });
    client.send('QUIT\r\n');
    await client.untilEnded();
    expect(server.connections).toBe(1);
    for (let second = 0; second < 2; second++) {
      await waitFor(() => clock.sleeping > 0);
      clock.advance(1000);
    }
    await waitFor(() => server.connections === 0);
  });

  test('QUIT waits for replies before it, and drops what comes after', async () => {
    const { slow, waiting } = deferred();
    const { port } = await serve([slow]);
    const client = new RawClient(port);
    client.send('SLOW\r\nQUIT\r\nPING\r\n');
    await waitFor(() => waiting.length === 1);
    waiting[0]?.resolve(1);
    expect(await client.untilEnded()).toBe(':1\r\n+OK\r\n');
  });
});

describe('stopping', () => {
  test('finishes what was started, starts nothing more, and closes', async () => {
    const { slow, waiting } = deferred();
    const { port, server } = await serve([slow], { limits: { maxPendingReplies: 2 } });
    const client = new RawClient(port);
    const idle = new RawClient(port);
    client.send('SLOW\r\nSLOW\r\nSLOW\r\n');
    await waitFor(() => waiting.length === 2 && server.connections === 2);
    const stopped = server.stop(5000);
    await idle.untilEnded();
    expect(server.pending).toBe(2);
    for (const { resolve } of waiting.splice(0)) resolve('done');
    expect(await client.untilEnded()).toBe('$4\r\ndone\r\n$4\r\ndone\r\n');
    await stopped;
    expect(waiting).toHaveLength(0);
    expect(server.connections).toBe(0);
    await new RawClient(port).untilEnded();
  });

  test('sends large replies to the end', async () => {
    const { port, server } = await serve([command('HUGE', () => Buffer.alloc(5_000_000, 'x'))]);
    const client = new RawClient(port);
    client.send('HUGE\r\n');
    await waitFor(() => client.received.length > 0);
    await server.stop(5000);
    const received = await client.untilEnded();
    expect(received).toHaveLength('$5000000\r\n'.length + 5_000_000 + 2);
  });

  test('gives up on handlers that outlast the grace period', async () => {
    const { slow, waiting } = deferred();
    const { port, server } = await serve([slow]);
    const client = new RawClient(port);
    client.send('SLOW\r\n');
    await waitFor(() => waiting.length === 1);
    await server.stop(50);
    expect(await client.untilEnded()).toBe('');
    waiting[0]?.resolve('too late');
    await waitFor(() => server.pending === 0);
  });

  test('does not wait for a barrier that has not begun', async () => {
    const { slow, waiting } = deferred();
    const { port, server } = await serve([slow]);
    const client = new RawClient(port);
    client.send('SLOW\r\nHELLO\r\n');
    await waitFor(() => waiting.length === 1);
    const stopped = server.stop(60_000);
    waiting[0]?.resolve(1);
    await stopped;
    expect(await client.untilEnded()).toBe(':1\r\n');
  });

  test('can be asked for twice, and without having listened', async () => {
    const { server } = await serve();
    await Promise.all([server.stop(100), server.stop(100)]);
    const unused = createRespServer({
      commands: [],
      serverName: 'x',
      version: '0',
      clock: systemClock,
      info: () => ({}),
    });
    await unused.stop(100);
  });
});

test('commands that have not arrived whole are bounded for all clients together', async () => {
  const { port, server } = await serve([], { limits: { maxUnfinishedBytes: 100_000 } });
  const [one, other] = [new RawClient(port), new RawClient(port)];
  one.send(`*3\r\n$4\r\nECHO\r\n$40000\r\n${'x'.repeat(40_000)}\r\n$40000\r\n${'x'.repeat(20_000)}`);
  await waitFor(() => server.counters.unfinishedBytes > 60_000);
  other.send(`*3\r\n$4\r\nECHO\r\n$90000\r\n${'x'.repeat(60_000)}`);
  expect(await other.untilEnded()).toBe(
    '-ERR Protocol error: too many bytes of unfinished commands of all clients\r\n',
  );
  await waitFor(() => server.counters.unfinishedBytes < 70_000);
  one.socket.destroy();
  await waitFor(() => server.counters.unfinishedBytes === 0);
});

test('a name is no longer than it need be', async () => {
  const { port } = await serve();
  const client = new RawClient(port);
  client.send(
    `CLIENT SETNAME ${'n'.repeat(4_097)}\r\nCLIENT SETINFO lib-name ${'n'.repeat(4_097)}\r\nCLIENT GETNAME\r\n`,
  );
  await client.expect(
    '-ERR Client names cannot be longer than 4096 bytes.\r\n-ERR lib-name cannot be longer than 4096 bytes.\r\n$-1\r\n',
  );
});
