import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock, systemRandom } from '../../../src/platform/clock.js';
import { askToStop } from '../../../src/platform/daemon/control.js';
import { listDaemons } from '../../../src/platform/daemon/registry.js';
import type { Pending } from '../../../src/platform/daemon/report.js';
import type { BlockStatus } from '../../../src/platform/daemon/supervised-block.js';
import { runUp } from '../../../src/platform/daemon/up.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { waitFor } from '../../helpers/wait-for.js';

function up(blocks: Record<string, Record<string, unknown>>, home = temporaryFolder()) {
  const controller = new AbortController();
  const changes: BlockStatus[] = [];
  const statesInRegistry: string[] = [];
  const stopped: (Pending & { readonly cutOff: string | undefined })[] = [];
  const ended = runUp({
    blocks: Object.entries(blocks).map(([name, options]) => ({ name, options })),
    home,
    machine: 'this',
    environment: {},
    version: '0.0.0',
    clock: systemClock,
    random: systemRandom,
    logger: pino({ level: 'silent' }),
    logLevel: 'silent',
    workerEntry: new URL('./fixtures/worker.mjs', import.meta.url),
    signal: controller.signal,
    reporter: {
      changed(status) {
        changes.push(status);
        if (status.state === 'stopped') return;
        const entry = readFileSync(join(home, 'run', `${status.block}.${process.pid}.json`), 'utf8');
        statesInRegistry.push(JSON.parse(entry).state);
      },
      settled: () => {},
      stopping: () => {},
      stopped: (pending, cutOff) => stopped.push({ ...pending, cutOff }),
    },
  });
  ended.catch(() => {});
  onTestFinished(async () => {
    controller.abort();
    await ended.catch(() => {});
  });
  const listed = async (count: number) =>
    waitFor(async () => {
      const running = (await listDaemons(home)).filter(({ state }) => state === 'running');
      return running.length === count && running;
    });
  return { home, ended, changes, statesInRegistry, stopped, controller, listed };
}

test('every block is registered while it runs, with a control socket that only its user reaches', async () => {
  const { home, ended, listed, controller, stopped } = up({ seq: {}, kv: { cutOff: '2 runs cut off' } });
  const entries = await listed(2);
  expect(entries.map(({ block }) => block)).toEqual(['kv', 'seq']);
  const control = entries[0]?.control ?? '';
  expect(statSync(control).mode & 0o777).toBe(0o600);
  controller.abort();
  await ended;
  expect(await listDaemons(home)).toEqual([]);
  expect(existsSync(control)).toBe(false);
  expect(stopped).toEqual([{ connections: 4, writes: 2, cutOff: 'kv: 2 runs cut off' }]);
});

test('a block is told to be running once the registry says so', async () => {
  const { changes, statesInRegistry } = up({ seq: {} });
  await waitFor(() => changes.length === 1);
  expect(changes.map(({ state }) => state)).toEqual(['running']);
  expect(statesInRegistry).toEqual(['running']);
});

test('one block can be stopped alone; when the last one is, up ends', async () => {
  const { ended, listed } = up({ seq: {}, kv: {} });
  const [entry] = await listed(2);
  const control = entry?.control ?? '';
  await askToStop(control, 'seq');
  expect((await listed(1)).map(({ block }) => block)).toEqual(['kv']);
  await expect(askToStop(control, 'seq')).rejects.toMatchObject({ code: 'daemon.not_running' });
  await expect(askToStop(control, 'nope')).rejects.toMatchObject({ code: 'daemon.not_running' });
  await askToStop(control, 'kv');
  await ended;
});

test('one block that cannot start does not keep the others from running', async () => {
  const { home, listed, changes } = up({ seq: {}, kv: { refuse: true } });
  expect((await listed(1)).map(({ block }) => block)).toEqual(['seq']);
  await waitFor(() => changes.some(({ block, state }) => block === 'kv' && state === 'failed'));
  await waitFor(async () =>
    (await listDaemons(home)).some(({ block, problem }) => block === 'kv' && problem === 'no such option'),
  );
});

test('up ends with the error when no block can start', async () => {
  const { ended } = up({ seq: { refuse: true } });
  await expect(ended).rejects.toMatchObject({ code: 'config.invalid' });
});

test('a block that is up already is not run twice', async () => {
  const first = up({ seq: {} });
  await first.listed(1);
  await expect(up({ seq: {} }, first.home).ended).rejects.toMatchObject({
    code: 'daemon.already_running',
    hint: 'ds down seq',
  });
});

test('a home too long for a socket path works all the same', async () => {
  const home = join(temporaryFolder(), 'x'.repeat(120));
  const { listed, ended } = up({ seq: {} }, home);
  const [entry] = await listed(1);
  await askToStop(entry?.control ?? '', 'seq');
  await ended;
  expect(existsSync(entry?.control ?? '')).toBe(false);
});
