/**
 * `kill -9` of `ds log serve` under pushes by several clients. After the next start every acknowledged line is there; one that was not
 * acknowledged is there once or not at all, and never twice, since nobody sent it twice. DS_TORTURE_ROUNDS=300 makes it three hundred kills.
 */
import { expect, test } from 'vitest';
import { type RunningDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 3);
const CLIENTS = 4;
const START = 1_700_000_000_000_000_000n;

interface Ledger {
  sent: number;
  readonly acknowledged: Set<string>;
}

const start = (home: string) =>
  startDs(['log', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off', '--keep', '0'], { home });

const urlOf = ({ ready }: RunningDs) => ready.endpoints['http'] ?? '';

/** Pushes until the daemon has gone. Batches of all sizes: small ones share a transaction, large ones are several blocks. */
async function pushOn(url: string, client: number, ledger: Ledger): Promise<void> {
  for (let push = client; ; push++) {
    const size = [1, 40, 3, 2000][push % 4] ?? 1;
    const lines = Array.from({ length: size }, () => `line ${client} ${ledger.sent++} ${'x'.repeat(100)}`);
    const values = lines.map((line) => [String(START + BigInt(ledger.sent)), line]);
    const body = JSON.stringify({ streams: [{ stream: { client: String(client) }, values }] });
    try {
      const answer = await fetch(`${url}/loki/api/v1/push`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      if (answer.status !== 204) throw new Error(`refused: ${answer.status} ${await answer.text()}`);
    } catch (error) {
      if (error instanceof TypeError) return;
      throw error;
    }
    for (const line of lines) ledger.acknowledged.add(line);
  }
}

/** All lines, page by page through time. */
async function readAll(url: string): Promise<string[]> {
  const lines: string[] = [];
  for (let client = 0; client < CLIENTS; client++) {
    const params = new URLSearchParams({
      query: `{client="${client}"}`,
      start: String(START),
      end: String(2n * START),
      limit: '50000',
    });
    const answer = await fetch(`${url}/loki/api/v1/query_range?${params}`);
    const { data } = (await answer.json()) as { data: { result: { values: [string, string][] }[] } };
    const found = data.result.flatMap(({ values }) => values.map(([, line]) => line));
    if (found.length >= 50_000) throw new Error('more lines than one answer holds: the test sends too much');
    lines.push(...found);
  }
  return lines;
}

test('what was acknowledged before a kill is there after it, once', { timeout: 30_000 + ROUNDS * 10_000 }, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const home = temporaryFolder();
    const ledger: Ledger = { sent: 0, acknowledged: new Set() };
    const daemon = await start(home);
    const least = 3_000 + round * 2_501;
    const clients = Array.from({ length: CLIENTS }, (_, client) => pushOn(urlOf(daemon), client, ledger));
    const killed = waitFor(() => ledger.acknowledged.size >= least, { timeoutMs: 20_000, intervalMs: 1 }).then(() =>
      daemon.stop('SIGKILL'),
    );
    await Promise.all([...clients, killed]);

    const next = await start(home);
    const found = await readAll(urlOf(next));
    const there = new Set(found);
    expect(there.size).toBe(found.length);
    expect([...ledger.acknowledged].filter((line) => !there.has(line))).toEqual([]);
    expect(await next.stop()).toMatchObject({ code: 0 });
  }
});
