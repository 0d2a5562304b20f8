/**
 * The agent: sources and pipelines of some plans over one file, from start to end.
 *
 *     running ──all sources ended──▶ draining: sinks take what is left ──▶ done
 *        │                              └─ too long: what is left stays in the buffers
 *        ├─ stop(): sources end; what they have is committed, whatever a sink does; a delivery under way is waited for ──▶ done
 *        └─ a source or the store fails for good, the reader of stdout has gone ──▶ as stop(), and `done` rejects
 */
import { ClosedPipe } from '../../../platform/closed-pipe.js';
import { processIdentity } from '../../../platform/daemon/process-identity.js';
import { messageOf } from '../../../platform/errors.js';
import type { AgentContext } from './agent-context.js';
import { CommandSource } from './live/command.js';
import { LiveInlet, takeForAll } from './live/fan-out.js';
import { openPipelines, type PlannedPipeline } from './open-pipelines.js';
import type { Pipeline } from './pipeline/pipeline.js';
import type { AgentStore } from './pipeline/store-pipeline.js';
import type { ShipPlan } from './plan.js';
import type { Source } from './source.js';
import { checkSources, liveSources, tellMissing } from './sources.js';

export interface AgentEnd {
  /** Entries that wait in buffers for the next agent, by pipeline. */
  readonly waiting: ReadonlyMap<string, number>;
  /** No file has the name of a source, and there is no other one. */
  readonly isNothingThere: boolean;
  /** How the command ended, where one was a source. */
  readonly command?: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
}

interface RunningPlan {
  readonly plan: ShipPlan;
  readonly live: readonly Source[];
  readonly pipelines: readonly PlannedPipeline[];
}

export class Agent {
  readonly #context: AgentContext;
  readonly #plans: readonly RunningPlan[];
  /** Ends sources. */
  readonly #ending: AbortController;
  readonly #isNothingThere: boolean;
  /** Resolves, or rejects, when all has come to its end. */
  readonly done: Promise<AgentEnd>;

  private constructor(plans: readonly RunningPlan[], context: AgentContext, ending: AbortController) {
    const found = plans.map(({ plan }) => tellMissing(plan, context.tell));
    this.#isNothingThere = !found.includes(true);
    this.#plans = plans;
    this.#ending = ending;
    this.#context = context;
    this.done = this.#run();
    // Whoever started it may look later.
    this.done.catch(() => {});
  }

  /** Errors: `log.bad_source`, `log.bad_sink`, `log.bad_transform`, `log.pipeline_held`, `secret.unreadable`, those of the store. */
  static async start<Prepared>(
    plans: readonly ShipPlan[],
    store: AgentStore<Prepared>,
    context: AgentContext,
  ): Promise<Agent> {
    for (const plan of plans) checkSources(plan);
    const holder = { pid: process.pid, identity: await processIdentity(process.pid) };
    const ending = new AbortController();
    const { signal } = ending;
    const running: RunningPlan[] = [];
    try {
      for (const plan of plans) {
        const live = await liveSources(plan, context);
        running.push({ plan, live, pipelines: await openPipelines(plan, { store, holder, signal, ...context }) });
      }
    } catch (error) {
      await closeAll(running);
      throw error;
    }
    return new Agent(running, context, ending);
  }

  get pipelines(): readonly Pipeline[] {
    return this.#plans.flatMap(({ pipelines }) => pipelines.map(({ pipeline }) => pipeline));
  }

  /** Names of what is read. */
  get sources(): readonly string[] {
    return this.#plans.flatMap(({ live, pipelines }) =>
      [...live, ...(pipelines[0]?.files ?? [])].map(({ name }) => name),
    );
  }

  /** Ends it; `done` tells when. What was read is committed or in a buffer by then. */
  stop(): void {
    this.#ending.abort(new Error('stopped'));
    // Live sources hand out what they have read, and may wait for a pipeline that waits for its sink.
    for (const pipeline of this.pipelines) pipeline.hurry();
  }

  async #run(): Promise<AgentEnd> {
    const failures: unknown[] = [];
    const guarded = async (work: Promise<void>) => {
      await work.catch((error: unknown) => {
        failures.push(error);
        this.stop();
      });
    };
    await Promise.all(this.#plans.map((plan) => this.#runPlan(plan, guarded)));
    const end = this.#endOf();
    await closeAll(this.#plans);
    if (failures.length > 0) throw failures[0];
    return end;
  }

  async #runPlan(
    { plan, live, pipelines }: RunningPlan,
    guarded: (work: Promise<void>) => Promise<void>,
  ): Promise<void> {
    const { signal } = this.#ending;
    const ways = pipelines.map((planned) => ({ ...planned, inlet: new LiveInlet(planned.pipeline) }));
    const takeLive = takeForAll(ways.map(({ inlet }) => inlet));
    const liveEnded = Promise.all(live.map((source) => guarded(source.run(takeLive, signal))));
    await Promise.all(
      ways.map(async ({ pipeline, files, inlet }) => {
        let failure: unknown;
        const run = pipeline.run().catch((error: unknown) => {
          failure = error;
          inlet.fail(error);
          throw error;
        });
        const running = guarded(run);
        const take = (chunk: Parameters<Pipeline['take']>[0]) => pipeline.take(chunk, signal);
        await Promise.all([liveEnded, ...files.map((source) => guarded(source.run(take, signal)))]);
        if (signal.aborted) pipeline.stop();
        else await this.#drain(pipeline, plan.drainMs, running);
        await running;
        this.#tellLost(pipeline, inlet.missed + pipeline.unsaved, failure);
      }),
    );
  }

  /** Until all is delivered, the time is over, or the agent is to stop. */
  async #drain(pipeline: Pipeline, drainMs: number, running: Promise<void>): Promise<void> {
    pipeline.end();
    const over = new AbortController();
    const { signal } = this.#ending;
    const onAbort = () => over.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const late = this.#context.clock.sleep(drainMs, over.signal).catch(() => {});
    await Promise.race([running, late]);
    over.abort();
    signal.removeEventListener('abort', onAbort);
    pipeline.stop();
  }

  /** Of what cannot be read again; all others are read by the next agent. Who has closed a pipe wants no more of it. */
  #tellLost({ name }: Pipeline, entries: number, failure: unknown): void {
    if (failure instanceof ClosedPipe) return;
    if (entries > 0) this.#context.tell({ kind: 'lost', of: name, entries, reason: messageOf(failure) });
  }

  #endOf(): AgentEnd {
    const waiting = this.pipelines.filter((pipeline) => pipeline.waiting > 0);
    const command = this.#plans.flatMap(({ live }) => live).find((source) => source instanceof CommandSource);
    return {
      waiting: new Map(waiting.map((pipeline) => [pipeline.name, pipeline.waiting])),
      isNothingThere: this.#isNothingThere,
      command: command?.end,
    };
  }
}

async function closeAll(plans: readonly RunningPlan[]): Promise<void> {
  for (const { pipelines } of plans) for (const { pipeline } of pipelines) await pipeline.close();
}
