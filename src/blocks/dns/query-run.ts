/** The lookups of a command line and of the files that it names, many at once, results in order. */
import type { Asker, LookedUp } from './client/asker.js';
import { inOrder } from './client/in-order.js';
import { type LineSettings, type Lookup, type QueryLine, readBatchLine } from './query-words.js';
import { RRType } from './wire.js';

export type QueryResult =
  | (Asked & { readonly kind: 'answered'; readonly found: LookedUp })
  /** To be carried out when it is its turn: a zone transfer is shown as it comes, a trace asks many. */
  | (Asked & { readonly kind: 'transfer' | 'trace' })
  | (Partial<Asked> & Failure);

/** A lookup, and where it stood. */
interface Asked {
  readonly lookup: Lookup;
  readonly line: LineSettings;
  /** The first of its line: as it was typed. */
  readonly words?: readonly string[];
  /** Absent for the command line. */
  readonly place?: LinePlace;
}

/** Without a lookup: the line could not be read. */
interface Failure {
  readonly kind: 'failed';
  readonly error: unknown;
  readonly place?: LinePlace;
}

export interface LinePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface QueryRunOptions {
  /** What was typed, for dig's greeting. */
  readonly words: readonly string[];
  readonly asker: Asker;
  readonly concurrency: number;
  /** The lines of a file of queries, without their ends. */
  readonly linesOf: (file: string) => AsyncIterable<string>;
}

/** Rejects only when a file cannot be read; all else is a result. */
export function runQueries(line: QueryLine, options: QueryRunOptions): AsyncIterable<QueryResult> {
  const { asker, concurrency } = options;
  return inOrder(jobsOf(line, options), (job) => carryOut(asker, job), { concurrency });
}

/** Whether there is more than one thing to tell apart in the output. */
export function isBatch({ lookups, files }: QueryLine): boolean {
  return lookups.length > 1 || files.length > 0;
}

type Job = Asked | Failure;

async function* jobsOf(line: QueryLine, { words, linesOf }: QueryRunOptions): AsyncGenerator<Job> {
  yield* jobsOfWords(line, words);
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
    return read === undefined ? [] : jobsOfWords(read, text.trim().split(/\s+/), place);
  } catch (error) {
    return [{ kind: 'failed', error, place }];
  }
}

function jobsOfWords({ lookups, line }: QueryLine, words: readonly string[], place?: LinePlace): Asked[] {
  return lookups.map((lookup, index) => {
    return { lookup, line, ...(index === 0 ? { words } : {}), ...(place === undefined ? {} : { place }) };
  });
}

async function carryOut(asker: Asker, job: Job): Promise<QueryResult> {
  if ('kind' in job) return job;
  const { lookup } = job;
  if (lookup.settings.trace) return { ...job, kind: 'trace' };
  if (lookup.type === RRType.AXFR || lookup.type === RRType.IXFR) return { ...job, kind: 'transfer' };
  try {
    return { ...job, kind: 'answered', found: await asker.ask(lookup) };
  } catch (error) {
    return { ...job, kind: 'failed', error };
  }
}

/** `queries.txt line 3: …`, for people. */
export function sayPlace({ file, line }: LinePlace): string {
  return `${file === '-' ? 'stdin' : file} line ${line}`;
}
