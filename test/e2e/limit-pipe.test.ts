/** `ds limit pipe` as a process: bytes, pace, backpressure, several pipes that share a rate. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** What it prints as bytes, and how long from the first of them to the last, ms. */
async function pipe(args: readonly string[], input: Uint8Array, home = temporaryFolder()) {
  const child = spawnDs(['limit', 'pipe', ...args], { home });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const chunks: Buffer[] = [];
  let firstAt: number | undefined;
  let lastAt = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    lastAt = performance.now();
    firstAt ??= lastAt;
    chunks.push(chunk);
  });
  const [code] = await once(child, 'close');
  return { code, output: Buffer.concat(chunks), tookMs: lastAt - (firstAt ?? lastAt) };
}

const numbers = (count: number) => Buffer.from(Array.from({ length: count }, (_, i) => `${i}\n`).join(''));

test('bytes pass untouched: NUL, broken UTF-8, \\r\\n, a long line, a last line without an end', async () => {
  const input = Buffer.concat([
    Buffer.from([0, 255, 254, 10, 13, 10, 10]),
    Buffer.alloc(3_000_000, 'x'),
    Buffer.from('\nlast'),
  ]);
  const { code, output } = await pipe(['--rate', '1000/s'], input);
  expect(code).toBe(0);
  expect(output.equals(input)).toBe(true);
  expect((await pipe(['--rate', '1/h'], Buffer.alloc(0))).output).toHaveLength(0);
});

test('lines come no faster than the rate', async () => {
  const { output, tookMs } = await pipe(['--rate', '50/s'], numbers(31));
  expect(output).toEqual(numbers(31));
  // Thirty gaps of 20 ms; the first line may have been on its way for a moment.
  expect(tookMs).toBeGreaterThanOrEqual(30 * 20 - 40);
});

test('a million lines a second flow', async () => {
  const { code, output } = await pipe(['--rate', '1000000/s'], numbers(300_000));
  expect(code).toBe(0);
  expect(output.equals(numbers(300_000))).toBe(true);
});

test('pipes of one key share the rate', async () => {
  const home = temporaryFolder();
  const args = ['--rate', '20/s', '--key', 'mails'];
  const startedAt = performance.now();
  const outputs = await Promise.all([1, 2, 3].map(() => pipe(args, numbers(8), home)));
  for (const { code, output } of outputs) expect([code, output]).toEqual([0, numbers(8)]);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(23 * 50);
}, 60_000);

test('with --burst they share a limit like that of check', async () => {
  const home = temporaryFolder();
  await pipe(['--rate', '10/h', '--burst', '10', '--key', 'k'], numbers(7), home);
  const { stdout } = await runDs(['limit', 'check', 'k', '--rate', '10/h', '-n', '4'], { home });
  expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual([
    'allowed',
    'allowed',
    'allowed',
    'limited',
    '',
  ]);
});

test('a reader that has gone ends it quietly, with an endless input before it', async () => {
  const run = join(import.meta.dirname, '../../bin/run.js');
  const script = `yes | '${process.execPath}' '${run}' limit pipe --rate 100000/s | head -n 2; echo "\${PIPESTATUS[1]}"`;
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      said += data;
    });
  }
  await once(child, 'close');
  expect(said).toBe('y\ny\n0\n');
});

test('SIGINT ends it with 130', async () => {
  const child = spawnDs(['limit', 'pipe', '--rate', '1/h'], { home: temporaryFolder() });
  child.stdin.write('one\ntwo\n');
  await once(child.stdout, 'data');
  const closed = once(child, 'close');
  child.kill('SIGINT');
  expect(await closed).toEqual([130, null]);
});
