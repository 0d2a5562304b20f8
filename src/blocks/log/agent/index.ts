/** The agent, for commands: loaded when logs are shipped. */
import { hostname } from 'node:os';
import { loadBlockConfig } from '../../../platform/config/file.js';
import { messageOf } from '../../../platform/errors.js';
import { logOptions } from '../server/options.js';
import { maintain } from '../store/maintenance.js';
import { openEntryStore } from '../store.js';
import { Agent } from './agent.js';
import type { AgentContext } from './agent-context.js';
import type { ShipPlan } from './plan.js';
import { readPipelines } from './plan-config.js';
import { type RawPlan, readPlan } from './raw-plan.js';
import { type Shipped, ShippedSince } from './shipped.js';
import { keepYoungGenerationSmall } from './young-generation.js';

export type { Agent, AgentEnd } from './agent.js';
export type { AgentEvent } from './events.js';
export { planOfFlags } from './plan-flags.js';
export { timesOf } from './times.js';

/** A plan of flags. Errors: `log.bad_pipeline`, `log.bad_pattern`. */
export function readFlags(raw: RawPlan): ShipPlan {
  return readPlan({ host: hostname(), ...raw });
}

/** Plans of ds.yaml. Errors: `config.not_found`, `config.invalid`, `log.bad_pipeline`, `log.bad_pattern`. */
export async function readConfigFile(
  path: string,
  named: readonly string[],
  shared: Pick<RawPlan, 'once' | 'drain' | 'deadLetters'>,
): Promise<ShipPlan[]> {
  const section = await loadBlockConfig(path, 'log', logOptions);
  const { once, drainMs, deadLetters } = readPlan(shared);
  return readPipelines(section?.options['pipelines'], named, hostname()).map((plan) => ({
    ...plan,
    once,
    drainMs,
    deadLetters,
  }));
}

export interface Shipping {
  readonly agent: Agent;
  /** What it has done so far; until the store is closed. */
  shipped(): Shipped[];
  /** The store is closed when the agent has ended. */
  close(): Promise<void>;
}

/**
 * Opens the file and starts, in a process that does nothing else. Small blocks are merged meanwhile; retention is left to the daemon and to
 * commands. Errors: those of {@link Agent.start}.
 */
export async function startShipping(
  plans: readonly ShipPlan[],
  { path, ...context }: AgentContext & { readonly path: string },
): Promise<Shipping> {
  const { clock, tell } = context;
  keepYoungGenerationSmall();
  const store = openEntryStore({ path, clock });
  const closing = new AbortController();
  const since = new ShippedSince(store.sql);
  let upkeep = Promise.resolve();
  const close = async () => {
    closing.abort();
    await upkeep;
    await store.close();
  };
  try {
    const agent = await Agent.start(plans, store, context);
    const onTrouble = (error: unknown) => tell({ kind: 'trouble', of: path, message: messageOf(error) });
    upkeep = maintain(store, { signal: closing.signal, onTrouble });
    return { agent, shipped: () => since.of(agent.pipelines.map(({ name }) => name)), close };
  } catch (error) {
    await close();
    throw error;
  }
}
