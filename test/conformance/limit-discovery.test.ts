/**
 * The discovery matrix: `ds limit test` against real servers on loopback, told nothing and believing nothing that they declare.
 * It has to name the family and come within 5 % on limit and window in at least 85 % of the cases, within its budgets.
 * Each server and family once, unless `DS_DISCOVERY_ALL=1` (`npm run discovery-matrix`) asks for every setting, which takes twice as
 * long. `DS_DISCOVERY_ONLY=text` runs a part; `DS_DISCOVERY_RUNS=folder` keeps the documents, with each request.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { type Case, cases, type Truth } from './limit-discovery-cases.js';
import { startServers } from './limit-discovery-servers.js';

/** Discoveries side by side: they mostly wait. */
const TOGETHER = 4;
/** Right at the first attempt; or, on a machine that was too busy for that, with a second one of those that missed. */
const LEAST_SHARE = 0.85;
const LEAST_SHARE_AGAIN = 0.9;
const BUDGET = { requests: 2000, seconds: 120 };

interface Found {
  readonly family?: string;
  readonly limit?: { readonly value: number };
  readonly window_ms?: { readonly value: number };
  readonly interval_ms?: { readonly value: number };
  readonly says?: string;
  readonly summary?: string;
  readonly confidence: string;
  readonly requests: number;
  readonly duration_ms: number;
}

interface Row {
  readonly one: Case;
  readonly found: Found;
  readonly right: boolean;
  /** What was found when it was tried once more, alone: only where the first attempt missed. */
  readonly again?: { readonly found: Found; readonly right: boolean };
}

test.skipIf(!hasPackages('nginx', 'haproxy'))(
  'ds limit test finds out the limits of nginx, haproxy, five middlewares and ds limit serve',
  { timeout: 900_000 },
  async () => {
    const only = process.env['DS_DISCOVERY_ONLY'] ?? '';
    const asked = cases.filter(({ name, says }) => `${name} ${says}`.includes(only));
    const chosen = process.env['DS_DISCOVERY_ALL'] === '1' || only !== '' ? asked : oneOfEach(asked);
    const urls = await startServers(chosen);
    const rows: Row[] = [];
    const queue = chosen.map((one, i) => ({ one, url: urls[i] ?? '', index: i }));
    // Long ones first, so that none is left over at the end.
    queue.sort((a, b) => (b.one.truth.periodMs ?? 0) - (a.one.truth.periodMs ?? 0));
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const found = await discover(next.url);
        rows[next.index] = { one: next.one, found, right: isRight(next.one.truth, found) };
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, worker));
    const first = rows.filter(({ right }) => right).length / rows.length;
    if (first < 1) await tryAgain(rows, urls);
    process.stdout.write(`${matrix(rows)}\n`);
    for (const { found } of rows) expect(found.requests).toBeLessThanOrEqual(BUDGET.requests);
    if (first >= LEAST_SHARE) return;
    const inTheEnd = rows.filter(({ right, again }) => right || again?.right).length / rows.length;
    expect(inTheEnd).toBeGreaterThanOrEqual(LEAST_SHARE_AGAIN);
  },
);

/** The first setting of each server and family. */
function oneOfEach(all: readonly Case[]): readonly Case[] {
  const firsts = new Map<string, Case>();
  for (const one of all) {
    const key = `${one.name} ${one.truth.family}`;
    if (!firsts.has(key)) firsts.set(key, one);
  }
  return [...firsts.values()];
}

/** One at a time: nothing else is asked of the machine. */
async function tryAgain(rows: Row[], urls: readonly string[]): Promise<void> {
  for (const [index, row] of rows.entries()) {
    if (row.right) continue;
    const found = await discover(urls[index] ?? '');
    rows[index] = { ...row, again: { found, right: isRight(row.one.truth, found) } };
  }
}

async function discover(url: string): Promise<Found> {
  const args = ['limit', 'test', url, '-X', 'GET', '--ignore-declared', '--json'];
  const budgets = ['--max-requests', String(BUDGET.requests), '--max-time', `${BUDGET.seconds}s`];
  const child = spawnDs([...args, ...budgets], { home: temporaryFolder() });
  child.stdin.end();
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.resume();
  await new Promise((resolve) => child.on('close', resolve));
  const { DS_DISCOVERY_RUNS: folder } = process.env;
  if (folder !== undefined) writeFileSync(join(folder, `${new URL(url).port}${Date.now()}.json`), stdout);
  return JSON.parse(stdout);
}

const near = (found: number | undefined, truth: number) =>
  found !== undefined && Math.abs(found - truth) <= truth * 0.05 + 1e-9;

function isRight({ family, count, periodMs }: Truth, found: Found): boolean {
  if (found.family !== family || !near(found.limit?.value, count)) return false;
  return periodMs === undefined || near((found.window_ms ?? found.interval_ms)?.value, periodMs);
}

function say({ family, count, periodMs }: Truth): string {
  if (periodMs === undefined) return `${family}: ${count}`;
  return `${family}: ${count}, ${Number(periodMs.toFixed(1))} ms`;
}

function matrix(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ one, found, right, again }) => [
    line([one.name, one.says, say(one.truth)], found, right),
    ...(again === undefined ? [] : [line(['', 'once more, alone', ''], again.found, again.right)]),
  ]);
  const first = rows.filter(({ right }) => right).length;
  const second = rows.filter(({ again }) => again?.right).length;
  const head =
    '| server | setting | truth | found (confidence) | requests | seconds | |\n|---|---|---|---|--:|--:|---|';
  return `${head}\n${lines.join('\n')}\n\n${first} of ${rows.length} at the first attempt, ${second} more at the second`;
}

function line(about: readonly string[], found: Found, right: boolean): string {
  const period = (found.window_ms ?? found.interval_ms)?.value;
  const told =
    found.family === undefined
      ? `nothing (${found.summary ?? JSON.stringify(found)})`
      : `${found.family}: ${found.limit?.value}${period === undefined ? '' : `, ${Number(period.toFixed(1))} ms`}`;
  const cells = [...about, `${told} (${found.confidence})`, found.requests, (found.duration_ms / 1000).toFixed(1)];
  return `| ${cells.join(' | ')} | ${right ? '✓' : '✗'} |`;
}
