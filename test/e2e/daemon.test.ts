import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { isSameProcess } from '../../src/platform/daemon/process-identity.js';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const FREE_PORTS = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--admin', '127.0.0.1:0'];

/** A folder with a ds.yaml that lets seq listen on free ports. */
function projectFolder(options = ''): string {
  const folder = temporaryFolder();
  const address = (key: string) => `    ${key}: 127.0.0.1:0\n`;
  writeFileSync(
    join(folder, 'ds.yaml'),
    `blocks:\n  seq:\n${['listen', 'http', 'admin'].map(address).join('')}${options}`,
  );
  return folder;
}

/** A home whose daemons are killed after the test, whatever it did. */
function homeWithDaemons(): string {
  const home = temporaryFolder();
  onTestFinished(async () => void (await runDs(['down', '--timeout', '2s'], { home })));
  return home;
}

async function redisClient(url: string) {
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

interface Listed {
  readonly block: string;
  readonly pid: number;
  readonly state: string;
  readonly endpoints: Readonly<Record<string, string>>;
}

async function ps(home: string): Promise<Listed[]> {
  const { stdout } = await runDs(['ps', '--json'], { home });
  return JSON.parse(stdout);
}

test('serve says when it is ready, is listed, and stops in order on SIGTERM', async () => {
  const ds = await startDs(['seq', 'serve', ...FREE_PORTS]);
  expect(ds.ready).toMatchObject({ block: 'seq', pid: ds.child.pid, db: join(ds.home, 'seq.db') });
  expect(await ps(ds.home)).toMatchObject([
    { block: 'seq', pid: ds.child.pid, state: 'running', endpoints: ds.ready.endpoints },
  ]);
  const client = await redisClient(ds.ready.endpoints['redis'] ?? '');
  expect(await client.incr('orders')).toBe(1);
  const { code, stderr } = await ds.stop();
  expect(code).toBe(0);
  expect(stderr).toMatch(/stopping: 1 connection, 0 writes pending … stopped, nothing lost/);
  expect(await ps(ds.home)).toEqual([]);
});

test('Ctrl-C stops as SIGTERM does', async () => {
  const ds = await startDs(['seq', 'serve', ...FREE_PORTS]);
  expect(await ds.stop('SIGINT')).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing lost') });
});

test('a second signal ends at once what the first one waits for', async () => {
  const ds = await startDs(['seq', 'serve', ...FREE_PORTS, '--grace', '1h']);
  const client = await redisClient(ds.ready.endpoints['redis'] ?? '');
  await client.sendCommand(['SEQ.NEXT', 'sonyflake']);
  // 25,600 of these can be made in a second.
  client.sendCommand(['SEQ.NEXT', 'sonyflake', '1000000']).catch(() => {});
  const other = await redisClient(ds.ready.endpoints['redis'] ?? '');
  await waitFor(async () => /obl=1 .*cmd=seq\.next/.test(String(await other.sendCommand(['CLIENT', 'LIST']))));
  ds.child.kill('SIGINT');
  await waitFor(() => ds.stderr().includes('stopping …'));
  expect(await ds.stop('SIGINT')).toMatchObject({ code: 130 });
});

test('the admin endpoint answers probes and Prometheus', async () => {
  const ds = await startDs(['seq', 'serve', ...FREE_PORTS]);
  const get = async (path: string) => (await request(`${ds.ready.endpoints['admin']}${path}`)).body.text();
  expect(await get('/healthz')).toBe('ok\n');
  expect(await get('/readyz')).toBe('ready\n');
  const metrics = await get('/metrics');
  expect(metrics).toContain('ds_build_info{block="seq"');
  expect(metrics).toContain('process_resident_memory_bytes');
  expect(metrics).toContain('ds_seq_connections');
});

test('a taken port names who holds it and a port to try', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, stdout } = await runDs(['seq', 'serve', '--listen', `127.0.0.1:${port}`, '--http', 'off', '--json']);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    error: {
      code: 'listen.address_in_use',
      message: expect.stringContaining(`port ${port} is taken by`),
      hint: expect.stringContaining('ds seq serve --listen 127.0.0.1:'),
      pid: process.pid,
    },
  });
});

test.each([
  [['--listen', '0.0.0.0:0'], 'listen.not_loopback'],
  [['--admin', '0.0.0.0:0', '--listen', '127.0.0.1:0', '--http', 'off'], 'listen.not_loopback'],
  [['--listen', 'nowhere'], 'listen.bad_address'],
  [['--grace', 'soon'], 'config.invalid'],
  [['--on-clock-back', 'ignore'], 'config.invalid'],
  [['--requirepass-file', '/nonexistent'], 'secret.unreadable'],
])('serve %j is refused', async (flags, code) => {
  const result = await runDs(['seq', 'serve', ...flags, '--json']);
  expect(result.code).toBe(2);
  expect(JSON.parse(result.stdout)).toMatchObject({ error: { code } });
});

test('serve --detach returns when it is ready; logs, ps and down know it', async () => {
  const home = homeWithDaemons();
  const { code, stdout } = await runDs(['seq', 'serve', ...FREE_PORTS, '--detach'], { home });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^seq ready {2}redis:\/\/127\.0\.0\.1:\d+ .* try: redis-cli -p \d+/);
  const [daemon] = await ps(home);
  const client = await redisClient(daemon?.endpoints['redis'] ?? '');
  expect(await client.ping()).toBe('PONG');
  const logs = await runDs(['logs', 'seq'], { home });
  expect(JSON.parse(logs.stdout.split('\n')[0] ?? '')).toMatchObject({ block: 'seq', msg: 'ready' });
  expect(await runDs(['down', 'seq'], { home })).toMatchObject({ code: 0, stdout: `seq\t${daemon?.pid}\n` });
  expect(await isSameProcess(daemon?.pid ?? 0, undefined)).toBe(false);
  expect(await runDs(['down', 'seq'], { home })).toMatchObject({ code: 1 });
  expect(await runDs(['down'], { home })).toMatchObject({ code: 0 });
});

test('serve --detach passes on why it could not start', async () => {
  const home = homeWithDaemons();
  const result = await runDs(['seq', 'serve', '--listen', '0.0.0.0:0', '--detach'], { home });
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--requirepass-file FILE') });
  expect(await ps(home)).toEqual([]);
});

test('up runs what ds.yaml says, and down ends it', async () => {
  const ds = await startDs(['up'], { cwd: projectFolder() });
  expect(ds.ready).toMatchObject({ block: 'seq', pid: ds.child.pid });
  const client = await redisClient(ds.ready.endpoints['redis'] ?? '');
  const ids = await client.sendCommand(['SEQ.NEXT', 'twitter', '1000']);
  expect(new Set(Array.isArray(ids) ? ids.map(String) : []).size).toBe(1000);
  expect(await runDsJson(['down'], { home: ds.home })).toMatchObject([{ block: 'seq', killed: false }]);
  expect(await ds.stop()).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing lost') });
});

test('up --detach, killed: ps removes what it left, and the next run repeats nothing', async () => {
  const home = homeWithDaemons();
  const cwd = projectFolder();
  const takeSome = async () => {
    expect(await runDs(['up', '--detach'], { home, cwd })).toMatchObject({ code: 0 });
    const [daemon] = await ps(home);
    const client = await redisClient(daemon?.endpoints['redis'] ?? '');
    const ids = await client.sendCommand(['SEQ.NEXT', 'twitter', '1000']);
    const tickets = await Promise.all(Array.from({ length: 100 }, () => client.incr('orders')));
    client.destroy();
    return { pid: daemon?.pid ?? 0, ids: Array.isArray(ids) ? ids.map(String) : [], tickets };
  };
  const first = await takeSome();
  process.kill(first.pid, 'SIGKILL');
  await waitFor(async () => !(await isSameProcess(first.pid, undefined)));
  expect(readdirSync(join(home, 'run'))).toContain(`seq.${first.pid}.json`);
  expect(await ps(home)).toEqual([]);
  expect(readdirSync(join(home, 'run'))).toEqual([]);
  const second = await takeSome();
  expect(new Set([...first.ids, ...second.ids]).size).toBe(2000);
  expect(Math.min(...second.tickets)).toBeGreaterThan(Math.max(...first.tickets));
});

test('a mistake in ds.yaml is told with its line', async () => {
  const cwd = projectFolder('    on-clock-bak: wait\n');
  const { code, stderr } = await runDs(['up'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain('ds.yaml:6: there is no option "on-clock-bak"');
  expect(stderr).toContain('did you mean on-clock-back?');
});

test('an unknown block is told with those that there are', async () => {
  const { code, stderr } = await runDs(['up', 'sek']);
  expect(code).toBe(2);
  expect(stderr).toContain('there is no block "sek"');
});

test('init writes a file that up accepts, once', async () => {
  const cwd = temporaryFolder();
  expect(await runDs(['init', '--yes'], { cwd })).toMatchObject({ code: 0 });
  expect(await runDs(['init', '--yes'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ds init --force'),
  });
  expect(await runDs(['init', '--yes', '--force'], { cwd })).toMatchObject({ code: 0 });
  expect(await runDs(['init'], { cwd: temporaryFolder() })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ds init --yes'),
  });
});
