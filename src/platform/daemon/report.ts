/** What a daemon says of itself: when it is ready, and when it stops. Pure text; somebody else prints it. */
import type { Endpoint, RunningDaemon } from './block.js';

export interface ReadyReport {
  readonly block: string;
  readonly pid: number;
  /** The block's own, then `admin`. */
  readonly endpoints: readonly Endpoint[];
  readonly db?: string;
  readonly log?: string;
  readonly detail: string;
  readonly hint: string;
}

/** Endpoints that their URL does not tell from another one. */
const NAMED: ReadonlySet<string> = new Set(['admin', 'proxy']);

export type Pending = ReturnType<RunningDaemon['pending']>;

/**
 * `seq ready  redis://127.0.0.1:6390  admin http://127.0.0.1:9390  db ~/seq.db  (3 sequences)   try: redis-cli -p 6390`.
 * `shorten` makes a path fit for people.
 */
export function readyLine(report: ReadyReport, shorten: (path: string) => string): string {
  return `${readyParts(report, shorten).join('  ')}   try: ${report.hint}`;
}

/** What the ready line says, piece by piece, without the hint: a narrow window breaks it between two of them. */
export function readyParts(report: ReadyReport, shorten: (path: string) => string): [title: string, ...string[]] {
  const endpoints = report.endpoints.map(({ name, url }) => (NAMED.has(name) ? `${name} ${url}` : url));
  const parts: [string, ...string[]] = [`${report.block} ready`, ...endpoints];
  if (report.db !== undefined) parts.push(`db ${shorten(report.db)}`);
  if (report.log !== undefined) parts.push(`log ${shorten(report.log)}`);
  if (report.detail !== '') parts.push(`(${report.detail})`);
  return parts;
}

/** The `--json` form of the ready line. */
export function readyDocument(report: ReadyReport): Record<string, unknown> {
  return {
    block: report.block,
    state: 'ready',
    pid: report.pid,
    endpoints: Object.fromEntries(report.endpoints.map(({ name, url }) => [name, url])),
    ...(report.db !== undefined && { db: report.db }),
    ...(report.log !== undefined && { log: report.log }),
    detail: report.detail,
    hint: report.hint,
  };
}

/** `3 connections, 0 writes pending` */
export function pendingText({ connections, writes }: Pending): string {
  return `${counted(connections, 'connection')}, ${counted(writes, 'write')} pending`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
