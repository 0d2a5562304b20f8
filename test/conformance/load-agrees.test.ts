/**
 * The load generator beside ones that nobody here wrote, wrk and hey, against one server that counts. Nothing here is a question
 * of speed: what each says it did is held against what the server saw, and steady rates against what they were told to be.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { runDsJson } from '../helpers/run-ds.js';
import { httpServer } from '../platform/load/http-servers.js';

const BODY = 'hello';

async function countingServer() {
  let seen = 0;
  const { url } = await httpServer((_, response) => {
    // One in ten is refused, in turn: the classes of answers are to agree, too.
    response.statusCode = ++seen % 10 === 0 ? 429 : 200;
    response.end(BODY);
  });
  return {
    url,
    /** What was seen since the last call. */
    take() {
      const count = seen;
      seen = 0;
      return count;
    },
  };
}

async function output(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stdout}`);
  return stdout;
}

interface Report {
  readonly answered: number;
  readonly sent: number;
  readonly failed: number;
  readonly unsent: number;
  readonly elapsed_ms: number;
  readonly answered_per_s: number;
  readonly answers: Readonly<Record<string, number>>;
}

async function load(url: string, ...flags: string[]): Promise<Report> {
  const document = await runDsJson(['limit', 'load', url, ...flags], { timeoutMs: 30_000 });
  // The shape is what the end-to-end tests hold.
  return document as Report;
}

const CONNECTIONS = '8';

describe.skipIf(!hasPackages('wrk', 'hey'))('what is reported is what the server saw', () => {
  test('as fast as answers come: ds, wrk and hey, each by its own account', async () => {
    const server = await countingServer();
    const ours = await load(server.url, '--max', '-c', CONNECTIONS, '-d', '2s');
    const oursSeen = server.take();
    expect(ours).toMatchObject({ answered: oursSeen, failed: 0 });
    expect(ours.answers['429']).toBe(Math.floor(oursSeen / 10));

    const hey = await output('hey', ['-z', '2s', '-c', CONNECTIONS, server.url]);
    const heySeen = server.take();
    const heyCounted = [...hey.matchAll(/\[(\d+)\]\s+(\d+) responses/g)].map(([, , count]) => Number(count));
    const wrk = await output('wrk', ['-d', '2', '-c', CONNECTIONS, '-t', '1', server.url]);
    const wrkSeen = server.take();
    const wrkCounted = Number(/(\d+) requests in/.exec(wrk)?.[1]);

    // Both break off what is under way at the end: at most a request for each connection.
    const underWay = Number(CONNECTIONS);
    const heyTotal = heyCounted.reduce((sum, count) => sum + count, 0);
    expect(Math.abs(heySeen - heyTotal)).toBeLessThanOrEqual(underWay);
    expect(Math.abs(wrkSeen - wrkCounted)).toBeLessThanOrEqual(underWay);

    // The share of refusals that each reports.
    const heyRefused = Number(/\[429\]\s+(\d+) responses/.exec(hey)?.[1]);
    const wrkRefused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(wrk)?.[1]);
    const oursShare = (ours.answers['429'] ?? 0) / ours.answered;
    for (const share of [heyRefused / heyTotal, wrkRefused / wrkCounted]) expect(share).toBeCloseTo(oursShare, 2);
  });

  test('the rate told is the count over the time, as wrk and hey tell it', async () => {
    const server = await countingServer();
    const ours = await load(server.url, '--max', '-c', CONNECTIONS, '-d', '1s');
    expect(ours.answered_per_s).toBeCloseTo((ours.answered / ours.elapsed_ms) * 1000, 1);
    server.take();
    const hey = await output('hey', ['-z', '1s', '-c', CONNECTIONS, server.url]);
    const total = Number(/Total:\s+([0-9.]+) secs/.exec(hey)?.[1]);
    const rate = Number(/Requests\/sec:\s+([0-9.]+)/.exec(hey)?.[1]);
    expect(rate / (server.take() / total)).toBeCloseTo(1, 1);
  });

  test('a steady rate is the same to the server, whoever makes it', async () => {
    const server = await countingServer();
    const ours = await load(server.url, '--rate', '200/s', '-c', CONNECTIONS, '-d', '3s');
    const oursSeen = server.take();
    expect(oursSeen).toBe(ours.sent);
    expect(ours.sent + ours.unsent).toBe(600);

    // hey's -q is for each worker; it waits a whole tick before the first request of each.
    await output('hey', ['-z', '3s', '-c', CONNECTIONS, '-q', '25', server.url]);
    const heySeen = server.take();
    expect(Math.abs(oursSeen - heySeen)).toBeLessThanOrEqual(600 * 0.1);
  });
});
