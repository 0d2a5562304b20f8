/** `ds limit load` and the benches as they are built. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { freePort } from '../helpers/redis-server.js';
import { NO_COMPILE_CACHE, runDs, runDsJson, spawnDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';
import { httpServer } from '../platform/load/http-servers.js';

async function countingServer() {
  const counted = { seen: 0 };
  const server = await httpServer((_, response) => {
    counted.seen++;
    response.end('hello');
  });
  return { ...server, counted };
}

/** How many are sent in a second, and whether all are, is the machine's to say. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it goes back to the start of the line and clears it
const LIVE_LINE = /\r\u001b\[2K1\/3s {2}\d+\/s {2}p50 /;

describe('ds limit load', () => {
  test('--json: one document, which says what the server saw', async () => {
    const { url, counted } = await countingServer();
    const document = await runDsJson(['limit', 'load', url, '--rate', '200/s', '-d', '1s', '-c', '5']);
    expect(document).toMatchObject({
      target: url,
      loop: 'open',
      rate_per_s: 200,
      connections: 5,
      duration_ms: 1000,
      interrupted: false,
      sent: counted.seen,
      answered: counted.seen,
      failed: 0,
      answers: { 200: counted.seen },
      failures: {},
      latency: {
        corrected: { count: counted.seen, p50_ms: expect.any(Number), 'p99.9_ms': expect.any(Number) },
        uncorrected: { count: counted.seen, max_ms: expect.any(Number) },
      },
      over_time: expect.arrayContaining([
        expect.objectContaining({ from_ms: 0, length_ms: 1000, answers: { '2xx': expect.any(Number) } }),
      ]),
    });
    expect(document).toMatchObject({ unsent: 200 - counted.seen });
  });

  test('a pipe gets facts between tabs, and nothing is said on stderr', async () => {
    const { url } = await countingServer();
    const { code, stdout, stderr } = await runDs(['limit', 'load', url, '--max', '-d', '200ms', '-c', '2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(lines).toContainEqual(['loop', 'closed']);
    expect(lines).toContainEqual(['answer', '200', lines.find(([name]) => name === 'answered')?.[1]]);
    expect(lines.some(([kind, name]) => kind === 'uncorrected' && name === 'p99_ms')).toBe(true);
    expect(lines.some(([kind]) => kind === 'corrected')).toBe(false);
  });

  test.skipIf(!hasPackages('bsdutils'))(
    'a terminal sees it live, and then verdict, latencies and plots within its width',
    async () => {
      const { url } = await countingServer();
      const run = join(import.meta.dirname, '../../bin/run.js');
      const command = `stty cols 72; exec '${process.execPath}' '${run}' limit load ${url} -r 100 -d 3s`;
      const env = {
        ...process.env,
        DS_HOME: temporaryFolder(),
        LANG: 'C.UTF-8',
        LC_ALL: 'C.UTF-8',
        TERM: 'xterm',
        NO_COLOR: '1',
      };
      const child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      await once(child, 'close');
      expect(text).toMatch(LIVE_LINE);
      const report = text.slice(text.lastIndexOf('\u001b[2K') + 4).replaceAll('\r', '');
      expect(report).toMatch(/^[\d.]+\/s {2}\d+ answered in 3s(\d+ms)?, 0 failed/);
      expect(report).toContain('from the intended start');
      expect(report).toMatch(/[⠁-⣿]{10}/);
      expect(report).toMatch(/█+.* \d+\n/);
      for (const line of report.split('\n')) expect(line.length).toBeLessThanOrEqual(72);
    },
  );

  test.skipIf(!hasPackages('bsdutils'))('a terminal without Unicode gets ASCII, and is told what failed', async () => {
    let seen = 0;
    const { url } = await httpServer((request, response) => {
      if (++seen % 2 === 0) request.socket.destroy();
      else response.end();
    });
    const run = join(import.meta.dirname, '../../bin/run.js');
    const command = `exec '${process.execPath}' '${run}' limit load ${url} -r 100 -d 2s --quiet`;
    const env = { ...process.env, DS_HOME: temporaryFolder(), LANG: 'C', LC_ALL: 'C', TERM: 'xterm', NO_COLOR: '1' };
    const child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(child, 'close');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    expect(text).toMatch(/^[\x00-\x7f]*$/);
    expect(text).toMatch(/answered in 2s(\d+ms)?, \d+ failed/);
    expect(text).toMatch(/reset {2}#+ \d+/);
    expect(text).toContain('first reset: the connection was closed before the answer');
  });

  test('--hgrm and --record write files', async () => {
    const { url } = await countingServer();
    const home = temporaryFolder();
    const files = ['--hgrm', join(home, 'out.hgrm'), '--record', join(home, 'runs.db')];
    await runDsJson(['limit', 'load', url, '-r', '100', '-d', '500ms', ...files]);
    expect(readFileSync(join(home, 'out.hgrm'), 'utf8')).toMatch(/^ +Value +Percentile TotalCount[\s\S]*#\[Max/);
    expect(existsSync(join(home, 'runs.db'))).toBe(true);
    const denied = await runDs(['limit', 'load', url, '--max', '--hgrm', join(home, 'none', 'x')]);
    expect(denied).toMatchObject({ code: 4, stderr: expect.stringContaining('--hgrm') });
    const foreign = await runDs(['limit', 'load', url, '--max', '--record', join(home, 'out.hgrm')]);
    expect(foreign).toMatchObject({ code: 4, stderr: expect.stringContaining('--record FILE') });
    const nowhere = await runDs(['limit', 'load', url, '--max', '--record', '/proc/none/runs.db']);
    expect(nowhere).toMatchObject({ code: 4, stdout: '' });
  });

  test('Ctrl-C ends it early, with the report and 130', async () => {
    const { url, counted } = await countingServer();
    const child = spawnDs(['limit', 'load', url, '-r', '100', '-d', '1h', '--json'], {});
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    await waitFor(() => counted.seen >= 10);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, failed: 0 });
  });

  test('a target that is not this machine wants --yes; rates and URLs are read with care', async () => {
    const usage = async (...args: string[]) => {
      const { code, stdout } = await runDs(['limit', 'load', ...args, '--json']);
      return { code, error: JSON.parse(stdout).error.code };
    };
    expect(await usage('http://192.0.2.1/', '--max')).toEqual({ code: 2, error: 'usage.missing' });
    expect(await usage('http://127.0.0.1/')).toEqual({ code: 2, error: 'usage.missing' });
    expect(await usage('http://127.0.0.1/', '--rate', '0/s')).toEqual({ code: 2, error: 'usage.invalid_value' });
    expect(await usage('http://127.0.0.1/', '--rate', '2000001/s')).toEqual({ code: 2, error: 'usage.invalid_value' });
    expect(await usage('http://127.0.0.1/', '--rate', '5/min/day')).toEqual({ code: 2, error: 'usage.invalid_value' });
    expect(await usage('http://127.0.0.1/', '--rate', '5/s', '--max')).toEqual({ code: 2, error: 'usage.conflict' });
    expect(await usage('ftp://127.0.0.1/', '--max')).toEqual({ code: 2, error: 'load.bad_url' });
    expect(await usage(`http://127.0.0.1:${await freePort()}/`, '--max')).toEqual({
      code: 3,
      error: 'peer.unreachable',
    });
  });

  test('nothing answered is exit code 1', async () => {
    const server = await httpServer((request) => request.socket.destroy());
    const { code, stdout } = await runDs(['limit', 'load', server.url, '-r', '100', '-d', '200ms', '--json']);
    expect(code).toBe(1);
    const document = JSON.parse(stdout);
    expect(document.sent).toBeGreaterThan(0);
    expect(document).toMatchObject({ answered: 0, failed: document.sent, failures: { reset: document.sent } });
  });
});

describe('benches', () => {
  test('ds seq bench measures a daemon of its own, and leaves nothing behind', async () => {
    const temporary = temporaryFolder();
    const args = ['seq', 'bench', '-d', '300ms', '-c', '4', '-P', '8', '--json'];
    const { code, stdout, stderr } = await runDs(args, { env: { TMPDIR: temporary, ...NO_COMPILE_CACHE } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ loop: 'closed', connections: 4, pipeline: 8, failed: 0 });
    expect(document.answers).toEqual({ given: document.answered });
    expect(document.answered).toBeGreaterThan(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('ds seq bench --url measures a running daemon: every ticket it tells of was given', async () => {
    const daemon = await startDs([
      'seq',
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--http',
      '127.0.0.1:0',
      '--admin',
      'off',
    ]);
    const url = daemon.ready.endpoints['redis'] ?? '';
    const document = await runDsJson(['seq', 'bench', '--url', url, '--keys', '1', '-r', '200', '-d', '500ms']);
    expect(document).toMatchObject({ loop: 'open', rate_per_s: 200, failed: 0 });
    const { stdout } = await runDs(['seq', 'ticket', 'ds-bench:000000000000', '--url', url]);
    expect(document).toMatchObject({ answered: Number(stdout) - 1 });
    const nonsense = ['seq', 'bench', '--url', url, '--ids', 'nonsense', '-r', '100', '-d', '100ms', '--json'];
    const ids = await runDs(nonsense);
    const refused = JSON.parse(ids.stdout);
    expect(refused.answered).toBeGreaterThan(0);
    expect(refused).toMatchObject({
      answers: { error: refused.answered },
      messages: { error: expect.stringContaining('nonsense') },
    });
    expect(ids).toMatchObject({ code: 1, stderr: expect.stringContaining('every answer') });
    expect(await daemon.stop()).toMatchObject({ code: 0 });
  });

  test('ds limit bench measures a daemon of its own', async () => {
    const document = await runDsJson(['limit', 'bench', '-d', '300ms', '-c', '4']);
    expect(document).toMatchObject({ loop: 'closed', failed: 0, answers: { allowed: expect.any(Number) } });
  });
});

describe('examples work when pasted', () => {
  const root = join(import.meta.dirname, '../..');

  test.each(['limit/load', 'limit/bench', 'seq/bench'])(
    '%s',
    async (id) => {
      const { default: command }: { default: { examples: readonly { command: string }[] } } = await import(
        `${root}/commands/${id}.ts`
      );
      expect(command.examples.length).toBeGreaterThanOrEqual(3);
      const home = temporaryFolder();
      const ds = `'${process.execPath}' '${join(root, 'bin/run.js')}'`;
      // As they stand, but for the ports, which somebody else may be using.
      const ports = await Promise.all([freePort(), freePort(), freePort()]);
      const serve = `serve --listen 127.0.0.1:${ports[0]} --http 127.0.0.1:${ports[1]} --admin 127.0.0.1:${ports[2]}`;
      onTestFinished(async () => {
        await runDs(['down'], { home });
      });
      for (const example of command.examples) {
        const script = example.command
          .replaceAll('<%= config.bin %>', ds)
          .replaceAll('<%= command.id %>', id.replace('/', ' '))
          .replaceAll('-d 2s', '-d 300ms')
          .replaceAll(/\bserve\b/g, serve)
          .replaceAll(/:639[01]\b/g, `:${ports[0]}`)
          .replaceAll(':8391', `:${ports[1]}`)
          .replaceAll(':9391', `:${ports[2]}`);
        const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
          cwd: home,
          env: { ...process.env, DS_HOME: home },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        const [code] = await once(child, 'close');
        expect({ script, code, stderr }).toEqual({ script, code: 0, stderr: expect.any(String) });
      }
    },
    60_000,
  );
});
