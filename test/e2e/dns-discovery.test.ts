import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

async function ask(home: string, server: string, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runDs(['dns', 'query', ...words, '--server', server, '--short', '--quiet'], {
    home,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim().split('\n').sort().join(' ');
}

test('targets are failed over from while they are down, and ds dns why tells the reason', async () => {
  const home = temporaryFolder();
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const set = ['dns', 'target', 'set', 'api.shop.test', 'A'];
  const rules = ['--check', `tcp:${port}`, '--interval', '100ms', '--fall', '1', '--rise', '1', '--hold-down', '0'];
  expect(await runDs([...set, '127.0.0.1', ...rules, '--create'], { home })).toMatchObject({ code: 0, stderr: '' });
  expect(await runDs([...set, '10.9.0.1', '--tier', '1'], { home })).toMatchObject({ code: 0, stderr: '' });

  const { ready } = await startDs(['dns', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });
  const address = () => ask(home, ready.endpoints['udp'] ?? '', 'api.shop.test');
  const state = async () => (await runDs(['dns', 'target', 'list'], { home })).stdout.split('\n')[0]?.split('\t')[3];
  await waitFor(async () => (await state()) === 'up', { timeoutMs: 10_000, intervalMs: 100 });
  expect(await address()).toBe('127.0.0.1');
  server.close();
  await once(server, 'close');
  await waitFor(async () => (await address()) === '10.9.0.1', { timeoutMs: 10_000, intervalMs: 100 });
  await waitFor(async () => (await state()) === 'down', { timeoutMs: 10_000, intervalMs: 100 });
  const why = await runDsJson(['dns', 'why', 'api.shop.test'], { home });
  expect(why).toMatchObject({ source: 'zone', answers: [{ data: '10.9.0.1' }] });
  expect(JSON.stringify(why)).toMatch(/10\.9\.0\.1 first; 127\.0\.0\.1 is down \(nothing listens there\)/);
  server.listen(port, '127.0.0.1');
  await waitFor(async () => (await address()) === '127.0.0.1', { timeoutMs: 10_000, intervalMs: 100 });
});

test('a target is checked over HTTP by the program as it is shipped', async () => {
  const home = temporaryFolder();
  const server = createHttpServer((request, response) => {
    response.statusCode = request.url === '/healthz' ? 204 : 404;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  for (const [name, path] of Object.entries({ good: '/healthz', bad: '/nowhere' })) {
    const check = ['--check', `http:${port}${path}`];
    await runDs(['dns', 'target', 'set', `${name}.shop.test`, 'A', '127.0.0.1', ...check, '--create'], { home });
  }
  await startDs(['dns', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });
  const states = async () => {
    const { stdout } = await runDs(['dns', 'target', 'list'], { home });
    return stdout.split('\n').flatMap((line) => {
      const fields = line.split('\t');
      return fields.length > 1 ? [`${fields[0]} ${fields[3]} ${fields.at(-1)}`] : [];
    });
  };
  await waitFor(async () => (await states()).every((state) => !state.includes('unknown')), {
    timeoutMs: 10_000,
    intervalMs: 100,
  });
  expect(await states()).toEqual(['bad.shop.test. down status 404', 'good.shop.test. up ']);
});

test('a running daemon notices a target that is set or deleted', async () => {
  const home = temporaryFolder();
  const { ready } = await startDs(['dns', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });
  const address = () => ask(home, ready.endpoints['udp'] ?? '', 'api.shop.test');
  await runDs(['dns', 'record', 'set', 'api.shop.test', 'A', '10.0.0.1', '10.0.0.2', '--create'], { home });
  expect(await address()).toBe('10.0.0.1 10.0.0.2');
  await runDs(['dns', 'target', 'set', 'api.shop.test', 'A', '10.0.0.2', '--tier', '1'], { home });
  expect(await address()).toBe('10.0.0.1');
  await runDs(['dns', 'target', 'delete', 'api.shop.test', 'A'], { home });
  expect(await address()).toBe('10.0.0.1 10.0.0.2');
});

test('the daemons of ds up are in ds.test, with SRV, and gone from it when they stop', async () => {
  const home = temporaryFolder();
  const config = join(home, 'ds.yaml');
  const off = 'admin: "off"';
  writeFileSync(
    config,
    `blocks:\n  dns:\n    listen: 127.0.0.1:0\n    ${off}\n  seq:\n    listen: 127.0.0.1:0\n    http: "off"\n    ${off}\n`,
  );
  const { ready, stop } = await startDs(['up', '--config', config], { home, timeoutMs: 30_000 });
  expect(ready).toBeDefined();
  // The first line tells of the first daemon that is ready.
  const listed = await waitFor(async () => {
    const daemons = (await runDsJson(['ps'], { home })) as readonly {
      block: string;
      endpoints: Record<string, string>;
    }[];
    return daemons.length === 2 && daemons;
  });
  const url = (block: string, name: string) => listed.find((daemon) => daemon.block === block)?.endpoints[name] ?? '';
  const server = url('dns', 'udp');
  const { port } = new URL(url('seq', 'redis'));
  const srv = () => ask(home, server, '_redis._tcp.seq.ds.test', 'SRV');
  await waitFor(async () => (await srv()) === `0 0 ${port} seq.ds.test.`, { timeoutMs: 10_000, intervalMs: 100 });
  expect(await ask(home, server, 'seq.ds.test')).toBe('127.0.0.1');
  await runDs(['down', 'seq'], { home });
  await waitFor(async () => (await srv()) === '', { timeoutMs: 10_000, intervalMs: 100 });
  expect((await stop()).code).toBe(0);
}, 60_000);
