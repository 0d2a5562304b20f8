/** The agent, for commands: loaded when logs are shipped. */
import { hostname } from 'node:os';
import { loadBlockConfig } from '../../../platform/config/file.js';
import { openStore } from '../../../platform/store/store.js';
import { logOptions } from '../server/options.js';
import { EntryStore } from '../store/entry-store.js';
import { logFile } from '../store/schema.js';
import { Agent, type AgentContext } from './agent.js';
import type { ShipPlan } from './plan.js';
import { readPipelines } from './plan-config.js';
import { type RawPlan, readPlan } from './raw-plan.js';

export type { Agent, AgentEnd } from './agent.js';
export type { AgentEvent } from './events.js';
export type { RawPlan } from './raw-plan.js';

/** A plan of flags. Errors: `log.bad_pipeline`, `log.bad_pattern`. */
export function readFlags(raw: RawPlan): ShipPlan {
  return readPlan({ host: hostname(), ...raw });
}

/** Plans of ds.yaml. Errors: `config.not_found`, `config.invalid`, `log.bad_pipeline`, `log.bad_pattern`. */
export async function readConfigFile(
  path: string,
  named: readonly string[],
  shared: Pick<RawPlan, 'once' | 'drain'>,
): Promise<ShipPlan[]> {
  const section = await loadBlockConfig(path, 'log', logOptions);
  const { once, drainMs } = readPlan(shared);
  return readPipelines(section?.options['pipelines'], named, hostname()).map((plan) => ({ ...plan, once, drainMs }));
}

export interface Shipping {
  readonly agent: Agent;
  /** The store is closed when the agent has ended. */
  close(): Promise<void>;
}

/** Opens the file and starts. Errors: those of {@link Agent.start}. */
export async function startShipping(
  plans: readonly ShipPlan[],
  { path, ...context }: AgentContext & { readonly path: string },
): Promise<Shipping> {
  const store = new EntryStore(openStore(logFile, { path }), context.clock);
  try {
    const agent = await Agent.start(plans, store, context);
    return { agent, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}
