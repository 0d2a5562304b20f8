/**
 * Tells of failures, recoveries, late starts and long runs, by a command or by a request. What is to be told is in the store until it
 * is: at least once, also across `kill -9`.
 */
import type { Logger } from 'pino';
import { messageOf } from '../../../platform/errors.js';
import type { JobSpec } from '../job.js';
import type { Ledger, Notice } from '../ledger.js';
import type { Outcome } from '../run.js';
import { type AttemptFacts, factsOf, type RunnerContext, startAttempt } from '../runner.js';
import { runJson } from '../wire/json.js';
import { HeldUp } from './held-up.js';
import { Waker } from './waker.js';

/** Told at the same time: one that hangs holds up no other, so many do until their time is over. */
const MOST = 8;
/** A request may take so long; a command, then SIGTERM, and so much later SIGKILL. Milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;
const COMMAND_TIMEOUT_MS = 30_000;
const KILL_AFTER_MS = 5_000;
/** By then it has ended: a notice is not told by two at once. */
const LEASE_MS = 2 * (COMMAND_TIMEOUT_MS + KILL_AFTER_MS);
/** Deliveries that are tried, the first included; then it is given up. */
const MOST_TRIES = 10;
/** Before the second delivery; doubles, up to 21 minutes before the last. Milliseconds. */
const RETRY_MS = 5_000;
const LOOK_MS = 2_000;
/** A change of the store is looked at so much later at most, milliseconds. */
const LEAST_SLEEP_MS = 250;

export interface NotifierOptions {
  readonly ledger: Pick<Ledger, 'now' | 'takeNotices' | 'settleNotice'>;
  readonly runner: RunnerContext;
  readonly logger: Logger;
}

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #waker: Waker;
  readonly #heldUp: HeldUp;
  readonly #telling = new Set<Promise<void>>();

  constructor(options: NotifierOptions) {
    const { logger, runner } = options;
    const { clock } = runner;
    this.#options = options;
    this.#waker = new Waker(clock, LEAST_SLEEP_MS);
    this.#heldUp = new HeldUp({ clock, logger, begins: 'notices are held up', ends: 'notices go on' });
  }

  wake(): void {
    this.#waker.wake();
  }

  /** Ends when the signal says so; what is being told then is broken off, and comes again. */
  async run(signal: AbortSignal): Promise<void> {
    const { ledger } = this.#options;
    while (!signal.aborted) {
      try {
        const free = MOST - this.#telling.size;
        const notices = free === 0 ? [] : await ledger.takeNotices(free, LEASE_MS);
        if (free > 0) this.#heldUp.over();
        for (const notice of notices) this.#begin(notice, signal);
        if (notices.length === 0) await this.#waker.sleep(LOOK_MS, signal);
      } catch (error) {
        this.#heldUp.tell(error);
        await this.#waker.pause(LOOK_MS, signal);
      }
    }
    await Promise.all(this.#telling);
  }

  #begin(notice: Notice, signal: AbortSignal): void {
    const { logger } = this.#options;
    const telling = this.#tell(notice, signal)
      .catch((error: unknown) => logger.error({ err: error }, `a notice comes again: ${messageOf(error)}`))
      .finally(() => {
        this.#telling.delete(telling);
        this.#waker.wake();
      });
    this.#telling.add(telling);
  }

  async #tell(notice: Notice, signal: AbortSignal): Promise<void> {
    const { ledger, logger } = this.#options;
    const { spec, event, run, tries, id } = notice;
    const found = await Promise.all(ways(notice).map((way) => this.#deliver(way, id, signal)));
    const problems = found.filter((text) => text !== undefined);
    if (problems.length === 0) return ledger.settleNotice(id, undefined);
    if (signal.aborted) return ledger.settleNotice(id, ledger.now());
    const isLast = tries + 1 >= MOST_TRIES;
    logger.warn(
      { job: spec.name, run: run.id, event, tries: tries + 1, problems },
      isLast ? 'nobody was told' : 'not told yet',
    );
    await ledger.settleNotice(id, isLast ? undefined : ledger.now() + RETRY_MS * 2 ** tries);
  }

  /** Undefined when it was delivered, else why not. A notice is carried out as jobs are: with a timeout, nothing left behind. */
  async #deliver({ spec, facts }: Way, id: number, signal: AbortSignal): Promise<string | undefined> {
    const { runner } = this.#options;
    const io = { facts, firstSequence: 0, write: async () => {} };
    // Its processes are not the run's, which may go on: with the same mark the end of one would end those of the other.
    const attempt = startAttempt(spec, io, { ...runner, place: `${runner.place}#notice-${id}` });
    const stop = () => attempt.kill('the daemon stopped');
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const { outcome } = await attempt.done;
    signal.removeEventListener('abort', stop);
    return sayFailure(outcome);
  }
}

/** One of those in which a notice is told, as a job. */
interface Way {
  readonly spec: JobSpec;
  readonly facts: AttemptFacts;
}

function sayFailure(outcome: Outcome): string | undefined {
  return outcome.kind === 'succeeded' ? undefined : outcome.reason;
}

function ways(notice: Notice): readonly Way[] {
  const { event, spec, run } = notice;
  const { command, webhook } = spec.notifications;
  const facts = factsOf(run);
  const base = { ...spec, killAfterMs: KILL_AFTER_MS, outputBytes: 1024 };
  const found: Way[] = [];
  if (command !== undefined) {
    const environment = { DS_CRON_EVENT: event, DS_CRON_STATE: run.state, DS_CRON_REASON: run.reason };
    const action = { kind: 'command', command, shell: '/bin/sh', environment, input: textOf(notice) } as const;
    found.push({ facts, spec: { ...base, timeoutMs: COMMAND_TIMEOUT_MS, action } });
  }
  if (webhook !== undefined) {
    const headers = { 'content-type': 'application/json' };
    const action = { kind: 'http', method: 'POST', url: webhook, headers, body: textOf(notice) } as const;
    found.push({ facts, spec: { ...base, timeoutMs: REQUEST_TIMEOUT_MS, action } });
  }
  return found;
}

function textOf({ event, spec: { name, description }, run }: Notice): string {
  return JSON.stringify({
    event,
    job: name,
    ...(description === undefined ? {} : { description }),
    run: runJson(run),
  });
}
