/**
 * What `ds dns query` shows of its results, as data; the command puts it on the screen, piece after piece.
 *
 *     result ──▶ json:   the message                       short: the data of its answers, and talk on what came of it
 *                dig:    dig's text                        table: rows, and a plain line, or talk where that is a pipe
 */
import type { Color } from '../../../platform/colors.js';
import type { LookedUp } from '../client/asker.js';
import type { QueryResult } from '../query-run.js';
import type { LineSettings, Lookup, QueryLine } from '../query-words.js';
import { typeName } from '../wire.js';
import { digGreeting, digLookup, reportOf } from './dig-lookup.js';
import { lookupJson, transferJson } from './lookup-json.js';
import { type Outcome, outcomeOf, sayOutcome } from './outcome.js';
import { recordRow } from './rows.js';
import { shortLines } from './short.js';
import { digTransferEnd, digTransferLines, type TransferPart, TransferTally } from './transfer.js';

export type QueryMode = 'json' | 'short' | 'dig' | 'table';

/** A record, or in a batch what came of a lookup without any. */
export interface QueryRow {
  readonly name: string;
  readonly ttl?: number;
  readonly class?: string;
  readonly type: string;
  readonly data: string;
  readonly tone?: Color | undefined;
}

export type Shown =
  | { readonly kind: 'document'; readonly value: JsonObject }
  | { readonly kind: 'item'; readonly value: JsonObject }
  /** Lines that were made here: as they are. */
  | { readonly kind: 'text'; readonly lines: readonly string[] }
  | { readonly kind: 'rows'; readonly rows: readonly QueryRow[] }
  /** Of a batch on a terminal: they make one table with those of the next lookups. */
  | { readonly kind: 'batched-rows'; readonly rows: readonly QueryRow[] }
  | { readonly kind: 'line'; readonly text: string; readonly tone: Color | undefined }
  /** Talk, not data. */
  | { readonly kind: 'note'; readonly text: string; readonly tone: Color | undefined };

type JsonObject = Readonly<Record<string, unknown>>;

type Answered = Extract<QueryResult, { readonly kind: 'answered' }>;
type Later = Extract<QueryResult, { readonly kind: 'transfer' | 'trace' }>;

export interface QueryViewOptions {
  readonly mode: QueryMode;
  /** Several lookups: what belongs to which has to be told. */
  readonly isBatch: boolean;
  readonly isTerminal: boolean;
  /** For dig's greeting: name and version. */
  readonly program: string;
}

/** How the words and flags of a command line want it; `json` and the terminal are the screen's to say. */
export function queryMode(
  line: QueryLine,
  asked: { readonly json: boolean; readonly dig: boolean; readonly table: boolean; readonly isTerminal: boolean },
): QueryMode {
  if (asked.json) return 'json';
  if (line.line.short) return 'short';
  const wantsDig = line.wantsDig || (line.isDig && !asked.isTerminal);
  return asked.dig || (wantsDig && !asked.table) ? 'dig' : 'table';
}

export class QueryView {
  readonly #options: QueryViewOptions;
  #hasGreeted = false;

  constructor(options: QueryViewOptions) {
    this.#options = options;
  }

  /** A line of a file may be asked for in short, too. */
  modeOf({ short }: LineSettings): QueryMode {
    const { mode } = this.#options;
    return short && mode !== 'json' ? 'short' : mode;
  }

  *answered(result: Answered): Generator<Shown> {
    const { lookup, line, found } = result;
    const { response } = found.exchange;
    const { settings } = lookup;
    const mode = this.modeOf(line);
    if (mode === 'json') yield this.document(lookupJson(found));
    else if (mode === 'dig') yield text(digLookup(found, settings, line, this.greeting(result)));
    else if (mode === 'short') {
      yield text(shortLines(response, settings.style, settings.identify ? reportOf(found) : undefined));
      yield* outcomeAs('note', outcomeOf(response));
    } else yield* this.#table(lookup, found);
  }

  async *transferred(
    result: Later,
    parts: AsyncIterable<TransferPart>,
    clock: { now(): number; monotonic(): number },
  ): AsyncGenerator<Shown> {
    const { lookup, line } = result;
    const { settings } = lookup;
    const mode = this.modeOf(line);
    const tally = new TransferTally(clock.monotonic());
    for await (const part of parts) {
      if (mode === 'dig' && tally.messages === 0) yield text(this.greeting(result));
      const records = tally.take(part, settings.oneSoa);
      if (mode === 'json') yield { kind: 'item', value: transferJson(part, clock.now()) };
      else if (mode === 'short') yield text(shortLines({ answers: records }, settings.style));
      else if (mode === 'dig') yield text(digTransferLines(records, settings.style));
      else yield { kind: 'rows', rows: records.map(recordRow) };
    }
    if (mode === 'dig' && settings.stats) {
      yield text(digTransferEnd(tally, clock.now(), clock.monotonic(), line.micros));
    }
  }

  document(value: JsonObject): Shown {
    return { kind: this.#options.isBatch ? 'item' : 'document', value };
  }

  /** dig's, once for each line that was typed. */
  greeting({ line, lookup, words }: Answered | Later): string[] {
    if (words === undefined || !line.cmd) return [];
    const isFirst = !this.#hasGreeted;
    this.#hasGreeted = true;
    return digGreeting(this.#options.program, words, lookup.settings.servers.length, isFirst);
  }

  /** In a batch what came of a lookup stands among the rows; alone it is a line below them, or talk beside a pipe. */
  *#table({ name, type }: Lookup, found: LookedUp): Generator<Shown> {
    const { isBatch, isTerminal } = this.#options;
    const { response } = found.exchange;
    const outcome = outcomeOf(response);
    const rows: QueryRow[] = (outcome.kind === 'referral' ? response.authorities : response.answers).map(recordRow);
    if (isBatch && isTerminal) {
      const { text: data } = outcome;
      if (data !== undefined) rows.push({ name, type: typeName(type), data, tone: toneOf(outcome.kind) });
      yield { kind: 'batched-rows', rows };
      return;
    }
    yield { kind: 'rows', rows };
    yield* outcomeAs(isTerminal ? 'line' : 'note', outcome);
    if (isTerminal) yield { kind: 'line', text: whence(found), tone: 'dim' };
  }
}

const text = (lines: readonly string[]): Shown => ({ kind: 'text', lines });

function* outcomeAs(kind: 'line' | 'note', outcome: Outcome): Generator<Shown> {
  const said = sayOutcome(outcome);
  if (said !== undefined) yield { kind, text: said, tone: toneOf(outcome.kind) };
}

/** Green would be too much for the usual case: only what is no answer has a colour. */
function toneOf(kind: Outcome['kind']): Color | undefined {
  if (kind === 'answer' || kind === 'referral') return undefined;
  return kind === 'nxdomain' || kind === 'nodata' ? 'yellow' : 'red';
}

function whence({ exchange }: LookedUp): string {
  const { server, address, elapsedMs, octets, transport, truncatedUdp, response } = exchange;
  const host = server.host === address ? '' : ` (${address})`;
  const over = truncatedUdp ? `, over ${transport} since it was too long for udp` : '';
  const authority = response.authoritative ? ', authoritative' : '';
  return `from ${server.shown}${host} in ${elapsedMs.toFixed(1)} ms, ${octets} octets${over}${authority}`;
}
