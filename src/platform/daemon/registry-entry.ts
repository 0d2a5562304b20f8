/**
 * One file of the registry. Whoever can write into `$DS_HOME/run` could put anything there, and `ds down` sends signals
 * to what it finds: so each value is checked. `kill(2)` takes 0 and negative numbers for groups of processes.
 */
import type { Endpoint } from './block.js';

export type DaemonState = 'starting' | 'running' | 'restarting' | 'failed' | 'stopping';

export interface RegistryEntry {
  readonly block: string;
  readonly pid: number;
  readonly state: DaemonState;
  readonly endpoints: readonly Endpoint[];
  /** The SQLite file. */
  readonly db?: string;
  /** The log file, where there is one. */
  readonly log?: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly version: string;
  /** The unix socket of the `ds up` that supervises the block. */
  readonly control?: string;
  /** How often the supervisor started it again. */
  readonly restarts?: number;
  /** Why it is not running. */
  readonly problem?: string;
}

const STATES: readonly string[] = ['starting', 'running', 'restarting', 'failed', 'stopping'] satisfies DaemonState[];

/** Undefined for what this version did not write: such a file is left alone. `process`: see process-identity.ts. */
export function parseEntry(text: string): { entry: RegistryEntry; process: string | undefined } | undefined {
  const value = parseObject(text);
  if (value === undefined || !isEntry(value)) return undefined;
  const { process, ...entry } = value;
  return { entry, process };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: object): value is RegistryEntry & { readonly process?: string } {
  const entry: Partial<Record<keyof RegistryEntry | 'process', unknown>> = value;
  return (
    typeof entry.block === 'string' &&
    /^[a-z][a-z0-9-]*$/.test(entry.block) &&
    Number.isSafeInteger(entry.pid) &&
    Number(entry.pid) > 0 &&
    STATES.includes(String(entry.state)) &&
    Array.isArray(entry.endpoints) &&
    entry.endpoints.every(isEndpoint) &&
    isTime(entry.startedAt) &&
    typeof entry.version === 'string' &&
    [entry.db, entry.log, entry.control, entry.problem, entry.process].every((text) => isAbsentOr('string', text)) &&
    isAbsentOr('number', entry.restarts)
  );
}

function isEndpoint(value: unknown): value is Endpoint {
  if (typeof value !== 'object' || value === null) return false;
  const { name, url }: Partial<Record<keyof Endpoint, unknown>> = value;
  return typeof name === 'string' && typeof url === 'string';
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isAbsentOr(type: 'string' | 'number', value: unknown): boolean {
  return value === undefined || typeof value === type;
}
