/**
 * Checks all targets, each at its interval, and keeps their health (../../discovery/health.ts).
 *
 *     targets change ──▶ update(): loops of those that went end, of those that are new begin; the others go on
 *     loop of a target:  check ──▶ health ──state changed──▶ log, file ──▶ sleep ──▶ check …
 */
import type { Logger } from 'pino';
import { type Clock, fraction, type Random } from '../../../../platform/clock.js';
import { parseCheck } from '../../discovery/check.js';
import { afterCheck, type Health, unknownHealth } from '../../discovery/health.js';
import { type Target, targetKey } from '../../discovery/target.js';
import { printRdata } from '../../rdata/index.js';
import type { StoredHealth } from '../../store/target-store.js';
import { Gate } from '../transfer/gate.js';
import { type Place, runCheck } from './run-check.js';

export interface CheckerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Where the target is. A text: why that cannot be told. */
  readonly locate: (target: Target) => Place | string;
  /** Told of every check. */
  readonly note: (target: Target, health: StoredHealth) => void;
}

/** Checks that run at the same time; further ones wait for a place. */
const MOST_AT_ONCE = 64;
/** Share of the interval by which a check comes earlier or later, so that targets are not all checked at the same instant. */
const JITTER = 0.1;

interface Loop {
  readonly target: Target;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

export class Checker {
  readonly #parts: CheckerParts;
  readonly #loops = new Map<string, Loop>();
  readonly #health = new Map<string, Health>();
  readonly #gate = new Gate(MOST_AT_ONCE);

  constructor(parts: CheckerParts) {
    this.#parts = parts;
  }

  /** Of a targetKey; undefined for what is not checked. */
  health(key: string): Health | undefined {
    return this.#health.get(key);
  }

  /** How many targets are in each state. */
  get states(): Readonly<Record<Health['state'], number>> {
    const states = { unknown: 0, up: 0, held: 0, down: 0 };
    for (const { state } of this.#health.values()) states[state]++;
    return states;
  }

  /** Those without a check are left out. A target whose rules changed begins anew. */
  update(targets: readonly Target[]): void {
    const wanted = new Map(targets.filter(({ check }) => check !== '').map((target) => [targetKey(target), target]));
    for (const [key, { target, stop }] of this.#loops) {
      const now = wanted.get(key);
      if (now !== undefined && sameRules(now, target)) continue;
      stop.abort();
      this.#loops.delete(key);
      this.#health.delete(key);
    }
    for (const [key, target] of wanted) if (!this.#loops.has(key)) this.#begin(key, target);
  }

  async close(): Promise<void> {
    const loops = [...this.#loops.values()];
    for (const { stop } of loops) stop.abort();
    await Promise.all(loops.map(({ ended }) => ended));
  }

  #begin(key: string, target: Target): void {
    const stop = new AbortController();
    this.#health.set(key, unknownHealth(this.#parts.clock.monotonic()));
    const ended = this.#loop(key, target, stop.signal).catch((error: unknown) => {
      this.#parts.logger.error({ err: error, name: String(target.name) }, 'a health check ended');
    });
    this.#loops.set(key, { target, stop, ended });
  }

  async #loop(key: string, target: Target, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts;
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      const problem = await this.#gate.run(() => this.#check(target, signal), signal).catch(() => undefined);
      if (problem === undefined) return;
      this.#learn(key, target, problem, signal);
      const interval = target.intervalMs * (1 + JITTER * (2 * fraction(random) - 1));
      const left = interval - (clock.monotonic() - startedAt);
      await clock.sleep(Math.max(0, left), signal).catch(() => {});
    }
  }

  async #check(target: Target, signal: AbortSignal): Promise<string> {
    const place = this.#parts.locate(target);
    return typeof place === 'string' ? place : runCheck(parseCheck(target.check), place, target.timeoutMs, signal);
  }

  #learn(key: string, target: Target, problem: string, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { clock, logger, note } = this.#parts;
    const before = this.#health.get(key);
    if (before === undefined) return;
    const now = clock.monotonic();
    const health = afterCheck(before, problem, target, now);
    this.#health.set(key, health);
    if (health.state !== before.state) {
      const facts = { name: String(target.name), target: printRdata(target.type, target.rdata), from: before.state };
      logger.info({ ...facts, ...(problem !== '' && { problem }) }, `target is ${health.state}`);
    }
    const wall = clock.now();
    note(target, { state: health.state, since: wall - Math.round(now - health.since), checkedAt: wall, problem });
  }
}

function sameRules(a: Target, b: Target): boolean {
  return (
    a.check === b.check &&
    a.fall === b.fall &&
    a.rise === b.rise &&
    a.holdDownMs === b.holdDownMs &&
    a.intervalMs === b.intervalMs &&
    a.timeoutMs === b.timeoutMs
  );
}
