import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listDaemons, type RegistryEntry, register, unregister } from '../../../src/platform/daemon/registry.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

function entry(overrides: Partial<RegistryEntry> = {}): RegistryEntry {
  return {
    block: 'seq',
    pid: process.pid,
    state: 'running',
    endpoints: [{ name: 'redis', url: 'redis://127.0.0.1:6390' }],
    startedAt: '2026-01-01T00:00:00.000Z',
    version: '1.2.3',
    ...overrides,
  };
}

test('a running daemon is listed as it registered, and no longer once it unregistered', async () => {
  const home = temporaryFolder();
  await register(home, entry());
  expect(await listDaemons(home)).toEqual([entry()]);
  await unregister(home, entry());
  expect(await listDaemons(home)).toEqual([]);
});

test('only its user can read the registry', async () => {
  const home = temporaryFolder();
  await register(home, entry());
  const folder = join(home, 'run');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test('the entry of a process that has ended is removed', async () => {
  const home = temporaryFolder();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await register(home, entry({ pid: child.pid ?? 0 }));
  expect(await listDaemons(home)).toHaveLength(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await listDaemons(home)).toEqual([]);
  expect(readdirSync(join(home, 'run'))).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'a later process with the same number is not taken for the daemon',
  async () => {
    const home = temporaryFolder();
    await register(home, entry());
    const path = join(home, 'run', `seq.${process.pid}.json`);
    const stored = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...stored, process: stored.process.replace(/\d+$/, '1') }));
    expect(await listDaemons(home)).toEqual([]);
    expect(readdirSync(join(home, 'run'))).toEqual([]);
  },
);

test('a file that this version did not write is left alone', async () => {
  const home = temporaryFolder();
  await register(home, entry());
  writeFileSync(join(home, 'run', 'other.json'), '{"half":');
  expect(await listDaemons(home)).toHaveLength(1);
  expect(readdirSync(join(home, 'run'))).toContain('other.json');
});

/** Puts a file into the registry that register() did not write. */
async function forge(home: string, name: string, content: unknown): Promise<void> {
  await register(home, entry());
  await unregister(home, entry());
  writeFileSync(join(home, 'run', name), JSON.stringify(content));
}

test.each([
  ['no object', null],
  ['every process there is', { ...entry(), pid: -1 }],
  ['its own group', { ...entry(), pid: 0 }],
  ['a name with a path', { ...entry(), block: '../seq' }],
  ['a name with an escape sequence', { ...entry(), block: 's\u001b[31m' }],
  ['an endpoint that is none', { ...entry(), endpoints: [null] }],
  ['a time that is none', { ...entry(), startedAt: 'yesterday' }],
])('a forged entry is not listed: %s', async (_what, content) => {
  const home = temporaryFolder();
  await forge(home, `seq.${Object(content).pid}.json`, content);
  expect(await listDaemons(home)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'an entry that does not prove which process it means is never taken for a daemon',
  async () => {
    const home = temporaryFolder();
    await forge(home, `seq.${process.pid}.json`, entry());
    expect(await listDaemons(home)).toEqual([]);
  },
);

test('a stale entry cannot have a file removed that is no socket', async () => {
  const home = temporaryFolder();
  const precious = join(home, 'precious');
  writeFileSync(precious, 'kept');
  const pid = 2 ** 22 + 1;
  await forge(home, `seq.${pid}.json`, { ...entry({ pid, control: precious }), process: 'boot:1' });
  expect(await listDaemons(home)).toEqual([]);
  expect(readdirSync(join(home, 'run'))).toEqual([]);
  expect(readFileSync(precious, 'utf8')).toBe('kept');
});

test('a home that was never used lists nothing', async () => {
  expect(await listDaemons(join(temporaryFolder(), 'absent'))).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('a home that cannot be made is refused, not waited for', async () => {
  const refused = { code: 'daemon.home_unusable', kind: 'storage' };
  await expect(register('/proc/nope', entry())).rejects.toMatchObject(refused);
  await expect(register('/dev/null', entry())).rejects.toMatchObject(refused);
});

test('a folder that nothing can be written in is told as that, and nothing is left behind', async () => {
  const home = temporaryFolder();
  mkdirSync(join(home, 'run', `seq.${process.pid}.json`), { recursive: true });
  await expect(register(home, entry())).rejects.toMatchObject({ code: 'daemon.home_unusable', kind: 'storage' });
  expect(readdirSync(join(home, 'run'))).toEqual([`seq.${process.pid}.json`]);
});
