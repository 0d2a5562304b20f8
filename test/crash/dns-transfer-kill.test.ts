/**
 * `kill -9` of a secondary at random moments, while its primary changes the zone in small and in large: the copy is always one
 * that the primary had, never a mixture, and what was told to be there is. DS_TORTURE_ROUNDS=300 makes it so many kills.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseServer } from '../../src/blocks/dns/client/server-address.js';
import { followZone } from '../../src/blocks/dns/server/transfer/follow.js';
import { type DnsStore, openDnsStore } from '../../src/blocks/dns/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { startTestDaemon, type TestDaemon } from '../blocks/dns/server/transfer/daemons.js';
import { importText, origin, record, recordsIn, zoneText } from '../blocks/dns/store/test-zones.js';
import { buildChildScript } from '../helpers/child-script.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 3);
const HOSTS = 400;

/** All records of a state; the serial is the primary's to choose. */
const stateText = (state: number) =>
  zoneText(1, ...Array.from({ length: HOSTS }, (_, i) => `h${i} 60 TXT "state ${state}"`));

/** What the primary had, by serial. */
class Past {
  readonly #states = new Map<number, string>();
  #state = 0;

  constructor(private readonly primary: TestDaemon) {
    this.#note();
  }

  of(serial: number | undefined): string | undefined {
    return this.#states.get(serial ?? -1);
  }

  /** Every tenth change is large, and transferred as a whole zone; the others as differences. */
  change(): void {
    this.#state++;
    const { store } = this.primary;
    if (this.#state % 10 === 0) importText(store, stateText(this.#state));
    else {
      const edits = [1, 2, 3].map((i) => ({
        op: 'add' as const,
        record: record(`h${(this.#state * i) % HOSTS} 60 A 10.0.0.${i}`),
      }));
      store.zones.edit(origin, edits);
    }
    this.#note();
  }

  #note(): void {
    const { store } = this.primary;
    this.#states.set(store.zones.get(origin)?.serial ?? -1, recordsIn(store).join('\n'));
  }
}

async function followAndKill(script: string, path: string, url: string, past: Past): Promise<string[]> {
  const args = [script, path, origin.toString(), url];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const exited = once(child, 'close');
  const enough = 30 + Math.random() * 60;
  try {
    for (let changes = 0; told.length < enough; changes++) {
      if (changes > 2_000) throw new Error('the secondary does not follow');
      past.change();
      // Nothing is waited for: changes, and with the last of them the kill, are to fall into any moment of a transfer.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    }
  } finally {
    child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return told.split('\n').slice(0, -1);
}

test(
  `a secondary survives ${ROUNDS} kills: its copy is one that the primary had`,
  async () => {
    const script = await buildChildScript(new URL('dns-transfer-kill-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const primary = await startTestDaemon({
      options: { allowTransfer: ['127.0.0.1'] },
      prepare: (store) => importText(store, stateText(0)),
    });
    const past = new Past(primary);
    const path = join(temporaryFolder(), 'secondary.db');
    const withStore = async <T>(use: (store: DnsStore) => T) => {
      const store = openDnsStore({ path, clock: systemClock });
      try {
        return await use(store);
      } finally {
        store.close();
      }
    };
    const options = { clock: systemClock, random: systemRandom, timeoutMs: 5_000 };
    await withStore((store) => followZone(store, origin, [parseServer(primary.url)], options));
    const forms = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const told = await followAndKill(script.path, path, primary.url, past);
      for (const line of told) forms.add(line.split(' ')[1] ?? '');
      await withStore((store) => {
        expect(store.file.quickCheck()).toEqual([]);
        const serial = store.zones.get(origin)?.serial ?? -1;
        expect(recordsIn(store).join('\n')).toBe(past.of(serial));
        expect(serial).toBeGreaterThanOrEqual(Number.parseInt(told.at(-1) ?? '', 10));
      });
    }
    expect([...forms].sort()).toEqual(['incremental', 'whole']);
  },
  60_000 + ROUNDS * 5_000,
);
