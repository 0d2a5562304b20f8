/**
 * `kill -9` of `ds log ship` while it reads a file that is being written, into the store and to a server that is overloaded or breaks off at times.
 * After the last start, which ends by itself, the store has each line exactly once, and the server each at least once. DS_TORTURE_ROUNDS=300
 * makes it three hundred kills.
 */
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { runDs, spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 3);
const LINES_A_ROUND = 2_000;

/** Takes NDJSON; how it answers changes from request to request. */
class Receiver {
  readonly lines: string[] = [];
  readonly #server: Server;
  #requests = 0;
  kind = true;

  constructor() {
    this.#server = createServer(async (incoming, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      const turn = this.kind ? 0 : this.#requests++ % 4;
      if (turn === 1) return void response.writeHead(503, { 'retry-after': '0' }).end();
      const text = String(gunzipSync(Buffer.concat(pieces)));
      for (const line of text.trimEnd().split('\n')) this.lines.push((JSON.parse(line) as { line: string }).line);
      // Taken, and the answer is lost: it has to be sent again.
      if (turn === 3) response.destroy();
      else response.writeHead(204).end();
    });
    onTestFinished(() => {
      this.#server.closeAllConnections();
      this.#server.close();
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
    return `http://127.0.0.1:${address.port}/in`;
  }
}

test('whenever the agent is killed, the store has each line once, and a server each at least once', async () => {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  const log = join(folder, 'app.log');
  const receiver = new Receiver();
  const url = await receiver.listen();
  receiver.kind = false;
  const ship = [
    'log',
    'ship',
    log,
    '--to',
    'store',
    '--to',
    `${url}#linger=5ms&timeout=2s`,
    '--linger',
    '5ms',
    '--quiet',
  ];
  const written: string[] = [];
  const write = () => {
    const lines = Array.from(
      { length: LINES_A_ROUND / 10 },
      (_, i) => `line ${written.length + i} ${'x'.repeat(i % 150)}`,
    );
    written.push(...lines);
    appendFileSync(log, `${lines.join('\n')}\n`);
  };
  write();
  for (let round = 0; round < ROUNDS; round++) {
    const agent = spawnDs(ship, { home });
    const gone = once(agent, 'exit');
    agent.stdout.resume();
    const before = receiver.lines.length;
    // Elsewhere each time: after the first batches, or amid the later ones.
    for (let i = 0; i < 10; i++) {
      write();
      if (i === round % 10) await waitFor(() => receiver.lines.length > before, { what: 'the first batch of a life' });
    }
    agent.kill('SIGKILL');
    await gone;
  }
  receiver.kind = true;
  const last = await runDs([...ship, '--once'], { home, ownProcess: true, timeoutMs: 30_000 });
  expect(last).toMatchObject({ code: 0, stderr: '' });

  const sorted = (lines: Iterable<string>) => [...lines].sort();
  expect(sorted(new Set(receiver.lines))).toEqual(sorted(written));
  const stored = await runDs(['log', 'query', '{}', '--since', '1h', '--limit', String(written.length + 1)], { home });
  expect(sorted(stored.stdout.trimEnd().split('\n'))).toEqual(sorted(written));
  const status = await runDs(['log', 'status', '--json'], { home });
  const { pipelines } = JSON.parse(status.stdout) as { pipelines: readonly Record<string, unknown>[] };
  for (const pipeline of pipelines) {
    expect(pipeline).toMatchObject({
      entries_read: written.length,
      entries_delivered: written.length,
      lag_bytes: 0,
      dropped: {},
    });
  }
});
