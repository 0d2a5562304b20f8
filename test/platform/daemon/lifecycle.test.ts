import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { listDaemons } from '../../../src/platform/daemon/registry.js';
import { buildChildScript, type ChildScript } from '../../helpers/child-script.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { waitFor } from '../../helpers/wait-for.js';

let script: ChildScript;
beforeAll(async () => {
  script = await buildChildScript(new URL('./fixtures/daemon-process.ts', import.meta.url));
});
afterAll(() => script.remove());

function start(behaviour: string) {
  const home = temporaryFolder();
  const child = spawn(process.execPath, [script.path, home, behaviour], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const closed = once(child, 'close').then(([code]: unknown[]) => code);
  return { child, home, output, closed, ready: () => waitFor(() => output.stdout.includes('ready')) };
}

test.each([
  ['well', 'nothing lost'],
  ['cut-off', '2 runs cut off'],
])('a daemon is registered from ready to stopped, and ends with 0 after SIGTERM: %s', async (behaviour, end) => {
  const { child, home, output, closed, ready } = start(behaviour);
  await ready();
  expect(await listDaemons(home)).toMatchObject([{ block: 'test', pid: child.pid, state: 'running' }]);
  child.kill('SIGTERM');
  expect(await closed).toBe(0);
  expect(output.stdout.trim().split('\n')).toEqual([
    '"ready" ["test","admin"]',
    '"stopping"',
    `"stopped" {"connections":1,"writes":2} "${end}"`,
  ]);
  expect(readdirSync(join(home, 'run'))).toEqual([]);
});

test('an error that nothing caught is logged and ends the daemon, which does not claim to have stopped', async () => {
  const { home, output, closed } = start('crash');
  expect(await closed).not.toBe(0);
  expect(output.stdout).toContain('"error" "daemon.crashed"');
  expect(output.stdout).not.toContain('stopped');
  expect(output.stderr).toContain('a bug');
  expect(readdirSync(join(home, 'run'))).toEqual([]);
});

test('a stop that fails is an error, not «nothing lost»', async () => {
  const { child, output, closed, ready } = start('fail-stop');
  await ready();
  child.kill('SIGTERM');
  expect(await closed).toBe(4);
  expect(output.stdout).toContain('"error" "storage.full"');
  expect(output.stdout).not.toContain('"stopped"');
});
