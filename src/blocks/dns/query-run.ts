/** The lookups of a command line and of the files that it names, many at once, results in order. */
import type { Asker, LookedUp } from './client/asker.js';
import { inOrder } from './client/in-order.js';
import { type Lookup, type QueryLine, readBatchLine } from './query-words.js';
import { RRType } from './wire.js';

export type QueryResult =
  | { readonly kind: 'answered'; readonly lookup: Lookup; readonly found: LookedUp }
  /** A zone transfer: to be carried out when it is its turn, for it is shown as it comes. */
  | { readonly kind: 'transfer'; readonly lookup: Lookup }
  | Failed;

export interface Failed {
  readonly kind: 'failed';
  readonly error: unknown;
  /** Absent for a line that could not be read. */
  readonly lookup?: Lookup;
  readonly place?: LinePlace;
}

export interface LinePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface QueryRunOptions {
  readonly asker: Asker;
  readonly concurrency: number;
  /** The lines of a file of queries, without their ends. */
  readonly linesOf: (file: string) => AsyncIterable<string>;
}

/** Rejects only when a file cannot be read; all else is a result. */
export function runQueries(line: QueryLine, options: QueryRunOptions): AsyncIterable<QueryResult> {
  const { asker, concurrency, linesOf } = options;
  return inOrder(jobsOf(line, linesOf), (job) => carryOut(asker, job), { concurrency });
}

/** Whether there is more than one thing to tell apart in the output. */
export function isBatch({ lookups, files }: QueryLine): boolean {
  return lookups.length > 1 || files.length > 0;
}

type Job = { readonly lookup: Lookup; readonly place?: LinePlace } | Failed;

async function* jobsOf(line: QueryLine, linesOf: QueryRunOptions['linesOf']): AsyncGenerator<Job> {
  for (const lookup of line.lookups) yield { lookup };
  for (const file of line.files) {
    let number = 0;
    for await (const text of linesOf(file)) {
      number++;
      yield* jobsOfLine(text, line, { file, line: number });
    }
  }
}

function jobsOfLine(text: string, line: QueryLine, place: LinePlace): readonly Job[] {
  try {
    const read = readBatchLine(text, line);
    return read?.lookups.map((lookup) => ({ lookup, place })) ?? [];
  } catch (error) {
    return [{ kind: 'failed', error, place }];
  }
}

async function carryOut(asker: Asker, job: Job): Promise<QueryResult> {
  if ('kind' in job) return job;
  const { lookup } = job;
  if (lookup.type === RRType.AXFR || lookup.type === RRType.IXFR) return { kind: 'transfer', lookup };
  try {
    return { kind: 'answered', lookup, found: await asker.ask(lookup) };
  } catch (error) {
    return { kind: 'failed', error, ...job };
  }
}

/** `queries.txt line 3: …`, for people. */
export function sayPlace({ file, line }: LinePlace): string {
  return `${file === '-' ? 'stdin' : file} line ${line}`;
}
