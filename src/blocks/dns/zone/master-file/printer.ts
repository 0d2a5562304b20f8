/**
 * Records → a master file as people write it: names relative to the origin, an owner that repeats left blank, a TTL only where
 * it is not $TTL, columns aligned.
 *
 *     $ORIGIN example.com.
 *     $TTL 3600 ; 1h
 *
 *     @       SOA  ns1 hostmaster (
 *                  2024010101 ; serial
 *                  7200       ; refresh 2h
 *                  900        ; retry 15m
 *                  1209600    ; expire 2w
 *                  300 )      ; minimum 5m
 *             NS   ns1
 *     ns1     A    192.0.2.1
 *     www  60 A    192.0.2.2
 */
import { formatDuration } from '../../../../platform/units.js';
import type { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';
import { readSoa } from '../../soa.js';
import { RRType, typeName } from '../../wire.js';
import { RelativeNames } from './relative.js';

/** Records that $TTL and the widths of columns are taken from; all that come after are printed as they come. */
export const SAMPLE = 1_000;
/** Characters of the owner's column: a longer owner moves the rest of its line. */
const WIDEST_OWNER = 32;

export interface PrintOptions {
  /** The zone: what names are relative to. */
  readonly origin: Name;
  /** Seconds. Default: the most frequent one of the first thousand records. */
  readonly defaultTtl?: number;
}

interface Layout {
  readonly names: RelativeNames;
  readonly defaultTtl: number;
  readonly ownerWidth: number;
  readonly ttlWidth: number;
  readonly typeWidth: number;
}

/**
 * Lines without their ends, in the order of the records. Only a thousand records are in memory. Read with parseMasterFile the
 * lines make the same records.
 */
export function* printMasterFile(
  records: Iterable<ResourceRecord>,
  options: PrintOptions,
): Generator<string, void, undefined> {
  const source = records[Symbol.iterator]();
  try {
    const sample = take(source, SAMPLE);
    const printer = new MasterFilePrinter(sample, options);
    yield* printer.head();
    if (sample.length > 0) yield '';
    for (const record of followedBy(sample, source)) yield* printer.lines(record);
  } finally {
    source.return?.();
  }
}

/** The same for records that come in pieces, from the network: `sample` are the first of them, up to {@link SAMPLE}. */
export class MasterFilePrinter {
  readonly #origin: Name;
  readonly #layout: Layout;
  #last: Name | undefined;

  constructor(sample: readonly ResourceRecord[], { origin, defaultTtl }: PrintOptions) {
    this.#origin = origin;
    this.#layout = layOut(sample, origin, defaultTtl);
  }

  /** $ORIGIN and $TTL. */
  head(): string[] {
    const { defaultTtl } = this.#layout;
    return [`$ORIGIN ${this.#origin}`, `$TTL ${defaultTtl} ; ${formatDuration(defaultTtl * 1000)}`];
  }

  /** Of the next record. */
  *lines(record: ResourceRecord): Generator<string, void, undefined> {
    const repeats = this.#last !== undefined && sameText(this.#last, record.name);
    yield* linesOf(record, this.#layout, repeats ? '' : this.#layout.names.text(record.name));
    this.#last = record.name;
  }
}

function take<T>(source: Iterator<T>, most: number): T[] {
  const taken: T[] = [];
  while (taken.length < most) {
    const next = source.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

function* followedBy<T>(first: readonly T[], rest: Iterator<T>): Generator<T, void, undefined> {
  yield* first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

/** Not only equal: the case is the same, too. */
function sameText(a: Name, b: Name): boolean {
  return a === b || Buffer.compare(a.wire, b.wire) === 0;
}

function layOut(sample: readonly ResourceRecord[], origin: Name, defaultTtl: number | undefined): Layout {
  const names = new RelativeNames(origin);
  const ttl = defaultTtl ?? mostFrequent(sample.map((record) => record.ttl)) ?? 0;
  const owners = sample.map(({ name }) => names.text(name).length).filter((length) => length <= WIDEST_OWNER);
  const others = sample.filter((record) => record.ttl !== ttl);
  return {
    names,
    defaultTtl: ttl,
    ownerWidth: widest(owners),
    ttlWidth: widest(others.map((record) => String(record.ttl).length)),
    typeWidth: widest(sample.map(({ type }) => typeName(type).length)),
  };
}

const widest = (lengths: readonly number[]) => lengths.reduce((most, length) => Math.max(most, length), 0);

function mostFrequent(numbers: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].reduce<[number, number] | undefined>(
    (most, one) => (most && most[1] >= one[1] ? most : one),
    undefined,
  )?.[0];
}

function* linesOf(record: ResourceRecord, layout: Layout, owner: string): Generator<string, void, undefined> {
  const { names, defaultTtl, ownerWidth, ttlWidth, typeWidth } = layout;
  const ttl = record.ttl === defaultTtl ? '' : String(record.ttl);
  const columns = [owner.padEnd(ownerWidth), typeName(record.type).padEnd(typeWidth)];
  if (ttlWidth > 0 || ttl !== '') columns.splice(1, 0, ttl.padStart(ttlWidth));
  const head = `${columns.join(' ')} `;
  if (record.type === RRType.SOA) yield* soaLines(record, names, head);
  else yield `${head}${names.data(record)}`.trimEnd();
}

function* soaLines({ rdata }: ResourceRecord, names: RelativeNames, head: string): Generator<string, void, undefined> {
  const { primaryServer, mailbox, serial, refresh, retry, expire, minimum } = readSoa(rdata);
  const indent = ' '.repeat(head.length);
  const width = widest([serial, refresh, retry, expire, minimum].map((number) => String(number).length));
  yield `${head}${names.text(primaryServer)} ${names.text(mailbox)} (`;
  yield `${indent}${String(serial).padEnd(width)} ; serial`;
  for (const [name, seconds] of Object.entries({ refresh, retry, expire, minimum })) {
    yield `${indent}${String(seconds).padEnd(width)} ; ${name} ${formatDuration(seconds * 1000)}`;
  }
  yield `${indent})`;
}
