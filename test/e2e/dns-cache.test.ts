/** What a forwarding daemon has learnt: listed, explained and flushed by commands, and there again after a restart. */
import { expect, test } from 'vitest';
import { exchange } from '../../src/blocks/dns/client/exchange.js';
import { parseServer } from '../../src/blocks/dns/client/server-address.js';
import { type Message, Rcode } from '../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { answerTo, question, record, startFakeServer } from '../blocks/dns/client/fake-server.js';
import { type RunResult, runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const SOA = 'shop.test. 900 SOA ns.shop.test. admin.shop.test. 1 3600 600 86400 60';

/** www is an alias, gone does not exist, all other names have no MX and an address. */
function upstreamAnswer(query: Message): Message {
  const [asked] = query.questions;
  const name = String(asked?.name);
  if (name === 'www.shop.test.') {
    return answerTo(query, ['www.shop.test. 300 CNAME web.shop.test.', 'web.shop.test. 200 A 192.0.2.7']);
  }
  const authorities = [record(SOA)];
  if (name === 'gone.shop.test.') return answerTo(query, [], { rcode: Rcode.NXDOMAIN, authorities });
  return asked?.type === 1 ? answerTo(query, [`${name} 120 A 192.0.2.8`]) : answerTo(query, [], { authorities });
}

async function setUp() {
  const upstream = await startFakeServer({ udp: (query, send) => send(upstreamAnswer(query)) });
  const home = temporaryFolder();
  const start = () => {
    const args = ['--listen', '127.0.0.1:0', '--admin', 'off', '--forward', `127.0.0.1:${upstream.port}`];
    return startDs(['dns', 'serve', ...args], { home });
  };
  const daemon = await start();
  let server = daemon.ready.endpoints['udp'] ?? '';
  const ask = async (name: string, type = 'A') => {
    const options = { timeoutMs: 5_000, retries: 0, clock: systemClock, random: systemRandom };
    return (await exchange(parseServer(server), question(name, type), options)).response;
  };
  const restart = async () => {
    await daemon.stop();
    server = (await start()).ready.endpoints['udp'] ?? '';
  };
  const list = async (...args: string[]): Promise<string[][]> => {
    const { stdout } = await runDs(['dns', 'cache', 'list', ...args], { home });
    return stdout === ''
      ? []
      : stdout
          .trimEnd()
          .split('\n')
          .map((line) => line.split('\t'));
  };
  const flush = (...args: string[]): Promise<RunResult> => runDs(['dns', 'cache', 'flush', ...args], { home });
  return { upstream, home, ask, restart, list, flush, shown: `udp://127.0.0.1:${upstream.port}` };
}

test('each answer is listed with what it says, from whom, and for how long', async () => {
  const { home, ask, list, shown } = await setUp();
  await ask('www.shop.test');
  await ask('gone.shop.test');
  await ask('api.shop.test', 'MX');
  await waitFor(async () => (await list()).length === 3);
  const said = (await list()).map((line) => line.slice(0, 6));
  expect(said.toSorted()).toEqual([
    ['api.shop.test.', 'MX', 'nodata', 'fresh', 'there is no MX', shown],
    ['gone.shop.test.', 'A', 'nxdomain', 'fresh', 'gone.shop.test. does not exist, nor what is below it', shown],
    ['www.shop.test.', 'A', 'answer', 'fresh', 'web.shop.test. → 192.0.2.7', shown],
  ]);
  const listed = await runDsJson(['dns', 'cache', 'list', '--name', 'www.shop.test'], { home });
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(listed).toEqual({
    total: 3,
    entries: [
      {
        name: 'www.shop.test.',
        type: 'A',
        class: 'IN',
        dnssec_ok: false,
        checking_disabled: false,
        kind: 'answer',
        rcode: 'NOERROR',
        state: 'fresh',
        says: 'web.shop.test. → 192.0.2.7',
        answers: [
          { name: 'www.shop.test.', ttl: expect.any(Number), type: 'CNAME', data: 'web.shop.test.' },
          { name: 'web.shop.test.', ttl: expect.any(Number), type: 'A', data: '192.0.2.7' },
        ],
        upstream: shown,
        stored_at: time,
        expires_at: time,
        stale_until: time,
        age_ms: expect.any(Number),
        ttl_ms: expect.any(Number),
      },
    ],
  });
  expect(await list('--name', 'shop.test', '--type', 'MX')).toHaveLength(1);
  expect(await list('--upstream', '192.0.2.99')).toEqual([]);
  expect(await list('--limit', '2')).toHaveLength(2);
});

test('the daemon gives it again after a restart, and asks anew after a flush, which reaches it at once', async () => {
  const { upstream, ask, restart, list, flush } = await setUp();
  await ask('www.shop.test');
  await ask('api.shop.test');
  await restart();
  expect((await ask('www.shop.test')).answers).toHaveLength(2);
  expect(upstream.queries).toHaveLength(2);
  // By now the daemon has it as finished octets, too.
  await ask('www.shop.test');
  expect(await flush('--name', 'www.shop.test')).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
  expect((await list()).map(([name]) => name)).toEqual(['api.shop.test.']);
  await waitFor(async () => {
    await ask('www.shop.test');
    return upstream.queries.length === 3;
  });
  await ask('api.shop.test');
  expect(upstream.queries).toHaveLength(3);
});

test('everything is flushed with --yes only, in a script', async () => {
  const { home, ask, list, flush } = await setUp();
  await ask('www.shop.test');
  await waitFor(async () => (await list()).length === 1);
  for (const all of [[], ['--name', '.']]) {
    expect(await flush(...all)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('hint:  ds dns cache flush --yes'),
    });
  }
  expect(await list()).toHaveLength(1);
  expect(await runDsJson(['dns', 'cache', 'flush', '--yes'], { home })).toEqual({ flushed: 1 });
  expect(await list()).toEqual([]);
});

test('what is mistyped is told', async () => {
  const home = temporaryFolder();
  const fails = async (...args: string[]) => (await runDs(['dns', 'cache', ...args], { home })).stderr;
  expect(await fails('list', '--type', 'AAAB')).toMatch(/"AAAB" is no record type\nhint: +did you mean AAAA\?/);
  expect(await fails('flush', '--name', 'a..b')).toMatch(/a label is empty/);
  expect(await fails('flush', '--upstream', 'quic://dns.test')).toMatch(/QUIC/);
  expect(await fails('list', '--url', 'redis://127.0.0.1')).toMatch(/there is no --url here/);
});

test('a flush by type, upstream and name says what it was for', async () => {
  const { home, ask, list, shown } = await setUp();
  await ask('www.shop.test');
  await ask('api.shop.test', 'MX');
  await waitFor(async () => (await list()).length === 2);
  const args = ['dns', 'cache', 'flush', '--name', 'shop.test', '--type', 'mx', '--upstream', shown];
  expect(await runDsJson(args, { home })).toEqual({ flushed: 1, name: 'shop.test.', type: 'MX', upstream: shown });
  expect((await list()).map(([name]) => name)).toEqual(['www.shop.test.']);
});
