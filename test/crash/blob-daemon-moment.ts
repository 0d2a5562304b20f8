/**
 * When a daemon is killed: after things that clients and the file system show, in an order. Nothing is timed; how far the daemon
 * is by then differs each time.
 */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { packFolder } from '../../src/blocks/blob/store/schema.js';

export type Sign =
  | 'put sent'
  | 'put answered'
  | 'complete sent'
  | 'complete answered'
  | 'delete answered'
  /** The write-ahead log: a transaction is being committed. */
  | 'log written'
  /** One for bodies, one for what compaction copies. */
  | 'pack made'
  | 'pack written'
  | 'pack removed';

/** That many of a sign, then that many of the next one. */
export type Plan = readonly (readonly [sign: Sign, count: number])[];

export function after(sign: Sign, count: number, then?: Sign, thenCount = 1): Plan {
  return then === undefined
    ? [[sign, count]]
    : [
        [sign, count],
        [then, thenCount],
      ];
}

export class Moment {
  readonly #plan: (readonly [Sign, number])[];
  readonly #come: () => void;
  readonly #watchers: FSWatcher[];

  /** `come` is called once, when the plan has come to its end. */
  constructor(database: string, plan: Plan, come: () => void) {
    this.#plan = [...plan];
    this.#come = come;
    const folder = packFolder(database);
    const log = `${basename(database)}-wal`;
    this.#watchers = [
      watch(dirname(database), (_event, name) => void (name === log && this.see('log written'))),
      watch(folder, (event, name) => {
        if (event === 'change') this.see('pack written');
        else this.see(existsSync(join(folder, name ?? '')) ? 'pack made' : 'pack removed');
      }),
    ];
  }

  see(sign: Sign): void {
    const [next] = this.#plan;
    if (next === undefined || next[0] !== sign) return;
    if (next[1] > 1) this.#plan[0] = [sign, next[1] - 1];
    else this.#plan.shift();
    if (this.#plan.length === 0) this.#come();
  }

  get left(): Plan {
    return this.#plan;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
  }
}
