/**
 * `ds log ship` is killed -9 at random while Debian's logrotate rotates small files with the same header in every way that it has, several times
 * a second. In the end each line that was written is stored once, and `ds log verify` says so. DS_TORTURE_ROUNDS=500 makes it five hundred rotations.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { lineText } from '../../src/blocks/log/entry-batch.js';
import { DEFAULT_TENANT } from '../../src/blocks/log/log-store.js';
import { openEntryStore } from '../../src/blocks/log/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { RotatedService, WAYS } from './log-rotation-service.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 8);
const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Milliseconds that a life of the agent lasts, at the most; its start is a third of a second. */
const LONGEST_LIFE_MS = 1500;

test.skipIf(!hasPackages('logrotate'))(
  `${ROUNDS} rotations by logrotate while the agent is killed: each line is stored once`,
  async () => {
    const folder = temporaryFolder();
    const db = join(folder, 'log.db');
    const services = [
      { service: new RotatedService(folder, 'plain', false), ways: WAYS.plain },
      { service: new RotatedService(folder, 'delayed', true), ways: WAYS.delayed },
      { service: new RotatedService(folder, 'compressed', false), ways: WAYS.compressed },
    ];
    onTestFinished(() => {
      for (const { service } of services) service.close();
    });
    const paths = services.map(({ service }) => service.path);
    const ship = ['log', 'ship', ...paths, '--rotated', '--db', db];

    const agents = new Agents(ship);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { service, ways } of services) {
        service.write(1 + Math.floor(Math.random() * 40));
        await service.rotate(ways[Math.random() < 0.5 ? 0 : 1]);
        service.write(1);
      }
      if (Math.random() < 0.3) await agents.killAfter(Math.random() * LONGEST_LIFE_MS);
    }
    await agents.stop();
    // The first finds what was rotated since the last look, the second that nothing is left.
    for (let i = 0; i < 2; i++) expect(await runDs([...ship, '--once'])).toMatchObject({ code: 0 });

    const written = services.flatMap(({ service }) => service.written);
    expect(differences(await storedLines(db), written)).toEqual({ missing: [], repeated: [] });
    const verified = await runDs(['log', 'verify', ...paths, '--db', db, '--json']);
    expect(JSON.parse(verified.stdout), `${readdirSync(join(folder, 'logs')).join(' ')}`).toMatchObject({
      clean: true,
    });
    expect(verified.code).toBe(0);
  },
  30_000 + ROUNDS * 3000,
);

/** One `ds log ship` after the other. */
class Agents {
  readonly #args: readonly string[];
  #child: ChildProcess;

  constructor(args: readonly string[]) {
    this.#args = args;
    this.#child = this.#start();
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  async killAfter(ms: number): Promise<void> {
    await systemClock.sleep(ms);
    await this.#end('SIGKILL');
    this.#child = this.#start();
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  #start(): ChildProcess {
    return spawn(process.execPath, [PROGRAM, ...this.#args], { stdio: 'ignore' });
  }
}

async function storedLines(db: string): Promise<string[]> {
  const store = openEntryStore({ path: db, clock: systemClock });
  const lines: string[] = [];
  const totals = { blocks: 0, skippedBlocks: 0, bytes: 0, entries: 0 };
  const all = { start: 0n, end: 2n ** 62n, matchers: [], direction: 'forward', required: [] } as const;
  for await (const { batch, from, to } of store.source(DEFAULT_TENANT).scan(all, totals)) {
    for (let i = from; i < to; i++) lines.push(lineText(batch, i));
  }
  await store.close();
  return lines;
}

function differences(stored: readonly string[], written: readonly string[]) {
  const counts = new Map<string, number>();
  for (const line of written) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of stored) counts.set(line, (counts.get(line) ?? 0) - 1);
  const all = [...counts];
  return {
    missing: all.filter(([, count]) => count > 0).map(([line, count]) => `${count} × ${line}`),
    repeated: all.filter(([, count]) => count < 0).map(([line, count]) => `${-count} × ${line}`),
  };
}
