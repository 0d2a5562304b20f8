/**
 * The RESP server beside a real Redis: the same bytes go to both, and the same bytes must come back. Where Redis's
 * answer differs for a reason, the case says why and what comes back instead.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.js';
import { createRespServer, type RespServer } from '../../src/platform/protocol/resp/index.js';
import { hasPackages } from '../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../helpers/redis-server.js';

/** Sends the bytes and a mark, and gives back what came before the mark's answer, or before the end. */
function exchange(port: number, text: string): Promise<string> {
  // Answered before authentication, too.
  const mark = "-ERR unknown command 'MARK', with args beginning with: \r\n";
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect({ host: '127.0.0.1', port });
    const done = (outcome: string) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(5000, () =>
      reject(new Error(`no answer to ${JSON.stringify(text)}: ${JSON.stringify(received)}`)),
    );
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (received.endsWith(mark)) done(received.slice(0, -mark.length));
    });
    socket.on('end', () => done(`${received}<closed>`));
    socket.on('error', () => done(`${received}<closed>`));
    socket.write(text, 'latin1');
    socket.write('\r\nMARK\r\n');
  });
}

const multibulk = (...args: string[]) =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;

const SAME = [
  'PING\r\n',
  'ping\r\nPiNg hello\r\n',
  'PING a b\r\n',
  'ECHO\r\n',
  'ECHO a b\r\n',
  multibulk('ECHO', '\0\r\n\xff'),
  multibulk(''),
  multibulk('', ''),
  multibulk('nope', 'a'.repeat(200), 'b'),
  multibulk('n'.repeat(300), 'x'),
  multibulk('no\r\npe', 'a\nb'),
  multibulk('nope', ...Array.from({ length: 60 }, (_, index) => String(index))),
  '*0\r\nPING\r\n',
  '*-1\r\nPING\r\n',
  '*-5\r\nPING\r\n',
  '\r\n\r\nPING\r\n',
  '\nPING\n',
  '   PING   \r\n',
  "ECHO 'single \\' quoted'\r\n",
  'ECHO "double \\x41\\n\\t\\"\\q"\r\n',
  'ECHO "\\x4"\r\n',
  'ECHO ""\r\n',
  'ECHO "open\r\n',
  "ECHO 'open\r\n",
  'ECHO "a"b\r\n',
  'ECHO a"b"\r\n',
  '*1\r\n$4294967296\r\n',
  '*1\r\n$-1\r\n',
  '*1\r\n$x\r\n',
  '*1\r\n$+1\r\n',
  '*1\r\n$01\r\n',
  '*1\r\n$\r\n',
  '*x\r\n',
  '*01\r\n',
  '*+1\r\n',
  '*99999999999\r\n',
  '*1\r\n:1\r\n',
  '*1\r\nPING\r\n',
  'POST / HTTP/1.1\r\nHost: x\r\n\r\nPING\r\n',
  'Host: x\r\nPING\r\n',
  'SELECT 0\r\n',
  'SELECT x\r\n',
  'SELECT 99\r\n',
  'SELECT -1\r\n',
  'SELECT 01\r\n',
  'SELECT\r\n',
  'QUIT\r\nPING\r\n',
  'QUIT now\r\n',
  'RESET\r\n',
  'RESET 1\r\n',
  'HELLO x\r\n',
  'HELLO 4\r\n',
  'HELLO 1\r\n',
  'HELLO 2 NOPE\r\n',
  'HELLO 2 SETNAME\r\n',
  'HELLO 2 AUTH default\r\n',
  'HELLO 2 AUTH nobody x\r\n',
  'HELLO 2 SETNAME "a b"\r\n',
  'AUTH x\r\n',
  'AUTH default x\r\n',
  'AUTH nobody x\r\n',
  'AUTH a b c\r\n',
  'AUTH\r\n',
  'CLIENT\r\n',
  'CLIENT NOPE\r\n',
  'CLIENT GETNAME\r\nCLIENT SETNAME me\r\nCLIENT GETNAME\r\nRESET\r\nCLIENT GETNAME\r\n',
  'CLIENT SETNAME "a b"\r\n',
  'CLIENT SETNAME ""\r\n',
  'CLIENT SETNAME\r\n',
  'CLIENT GETNAME x\r\n',
  'CLIENT LIST NOPE\r\n',
  'CLIENT LIST TYPE nope\r\n',
  'CLIENT LIST TYPE pubsub\r\n',
  'CLIENT LIST ID x\r\n',
  'CLIENT LIST ID 0\r\n',
  'CLIENT NO-EVICT on\r\n',
  'CLIENT NO-EVICT maybe\r\n',
  'CLIENT KILL\r\n',
  'CLIENT KILL 1.2.3.4:5\r\n',
  'CLIENT KILL ID\r\n',
  'CLIENT KILL ID 0\r\n',
  'CLIENT KILL ID -1\r\n',
  'CLIENT KILL ID x\r\n',
  'CLIENT KILL ID 01\r\n',
  'CLIENT KILL ID 999999\r\n',
  'CLIENT KILL ID 9223372036854775808\r\n',
  'CLIENT KILL TYPE Nope\r\n',
  'CLIENT KILL TYPE pubsub\r\n',
  'CLIENT KILL TYPE master\r\n',
  'CLIENT KILL USER nobody\r\n',
  'CLIENT KILL ID 999999 USER default\r\n',
  'CLIENT KILL SKIPME maybe\r\n',
  'CLIENT KILL ADDR 1.2.3.4:5 LADDR x SKIPME no\r\n',
  'CLIENT KILL NOPE x\r\n',
  'CLIENT KILL ID 999999 ADDR\r\n',
  'CLIENT REPLY\r\n',
  'CLIENT REPLY maybe\r\n',
  'CLIENT REPLY ON\r\n',
  'CLIENT REPLY ON x\r\n',
  'CLIENT REPLY SKIP\r\nPING\r\nECHO a\r\n',
  'CLIENT REPLY SKIP\r\nNOPE\r\nECHO a\r\n',
  'CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING\r\nECHO a\r\n',
  'CLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nECHO a\r\n',
  'CLIENT REPLY OFF\r\nPING\r\nCLIENT REPLY SKIP\r\nCLIENT REPLY maybe\r\nCLIENT REPLY ON\r\nECHO a\r\n',
  'CLIENT REPLY OFF\r\nRESET\r\nECHO a\r\n',
  'CLIENT REPLY SKIP\r\nRESET\r\nECHO a\r\n',
  'CLIENT REPLY SKIP\r\nECHO\r\nECHO a\r\n',
  'CLIENT PAUSE\r\n',
  'CLIENT PAUSE x\r\n',
  'CLIENT PAUSE 1.5\r\n',
  'CLIENT PAUSE -1\r\n',
  'CLIENT PAUSE 0\r\n',
  'CLIENT PAUSE 9223372036854775808\r\n',
  'CLIENT PAUSE x maybe\r\n',
  'CLIENT PAUSE 1 ALL x\r\n',
  'CLIENT UNPAUSE\r\n',
  'CLIENT UNPAUSE x\r\n',
  'CLIENT PAUSE 20 ALL\r\nPING\r\n',
  'CLIENT PAUSE 20 ALL\r\nCLIENT UNPAUSE\r\nPING\r\n',
  'CLIENT GETREDIR\r\n',
  'CLIENT GETREDIR x\r\n',
  'CLIENT TRACKINGINFO\r\n',
  'CLIENT TRACKINGINFO x\r\n',
  'COMMAND NOPE\r\n',
  'COMMAND COUNT 1\r\n',
  'COMMAND GETKEYS\r\n',
  'COMMAND GETKEYS nope\r\n',
  'COMMAND GETKEYS nope x\r\n',
  'COMMAND GETKEYS PING\r\n',
  'COMMAND GETKEYS PING x\r\n',
  'COMMAND INFO nope\r\n',
  'COMMAND DOCS nope\r\n',
  'INFO nosuchsection\r\n',
];

const PASSWORD = 'open sesame';

const SAME_WITH_PASSWORD = [
  'PING\r\n',
  'NOPE\r\n',
  'ECHO\r\n',
  'AUTH wrong\r\nPING\r\n',
  'AUTH default wrong\r\n',
  'AUTH nobody "open sesame"\r\n',
  'AUTH "open sesame"\r\nPING\r\nRESET\r\nPING\r\nAUTH default "open sesame"\r\nPING\r\n',
  'HELLO\r\n',
  'HELLO 3\r\n',
  'HELLO 9\r\n',
  'HELLO 2 AUTH default wrong\r\n',
  'QUIT\r\n',
  '*10\r\n$1\r\nx\r\n$16385\r\n',
  '*11\r\n',
];

const DIFFERENT: [why: string, request: string, ours: string][] = [
  [
    'Redis 7.0 takes any two bytes for the line end behind a bulk; here the stream counts as out of step',
    '*1\r\n$4\r\nPINGxx',
    '-ERR Protocol error: expected CRLF after bulk\r\n<closed>',
  ],
  [
    'Redis allows a million arguments by default, here 65,536',
    '*65537\r\n',
    '-ERR Protocol error: invalid multibulk length\r\n<closed>',
  ],
  ['there is one database', 'SELECT 1\r\n', '-ERR DB index is out of range\r\n'],
];

interface Pair {
  readonly redis: RedisServer;
  readonly server: RespServer;
  readonly port: number;
}

async function startPair(password?: string): Promise<Pair> {
  const redis = await startRedisServer(password === undefined ? [] : ['--requirepass', password]);
  const server = createRespServer({
    commands: [],
    serverName: 'ds-test',
    version: '1',
    clock: systemClock,
    info: () => ({}),
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { redis, server, port };
}

const both = ({ redis, port }: Pair, request: string) =>
  Promise.all([exchange(redis.port, request), exchange(port, request)]);

describe.skipIf(!hasPackages('redis-server'))('beside Redis', () => {
  let open: Pair;
  let closed: Pair;

  beforeAll(async () => {
    [open, closed] = await Promise.all([startPair(), startPair(PASSWORD)]);
  });
  afterAll(() => Promise.all([open, closed].flatMap(({ redis, server }) => [server.stop(100), redis.stop()])));

  test.each(SAME)('the same comes back for %j', async (request) => {
    const [theirs, ours] = await both(open, request);
    expect(ours).toBe(theirs);
  });

  test.each(SAME_WITH_PASSWORD)('behind a password, the same comes back for %j', async (request) => {
    const [theirs, ours] = await both(closed, request);
    expect(ours).toBe(theirs);
  });

  test.each(DIFFERENT)('%s', async (_why, request, expected) => {
    const [theirs, ours] = await both(open, request);
    expect(ours).toBe(expected);
    expect(theirs).not.toBe(expected);
  });
});
