/** MEMORY USAGE: about how many bytes a key takes, in memory or, for the rows of a collection, in the file. */

import type { Store } from '../../../../platform/store/store.js';
import type { ByteString } from '../../bytes.js';
import type { CollectionEntry } from '../../entry.js';
import { notAnInteger, syntaxError } from '../../errors.js';
import { Slot, weightOf } from '../../store/slot.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { parseInteger } from '../numbers.js';
import { help, runSubcommand, type Subcommand } from '../subcommands.js';

const DEFAULT_SAMPLES = 5;
/** Of a row beside what it holds: head of the cell, its pointer, owner. */
const ROW_BYTES = 12;
const SCORE_BYTES = 9;

/** Bytes of some rows, and how many those are. A sorted set has each member twice, by its name and by its score. */
const SAMPLES = {
  list: 'SELECT length(value) AS bytes FROM item WHERE owner = ? LIMIT ?',
  set: 'SELECT length(member) AS bytes FROM member WHERE owner = ? LIMIT ?',
  hash: 'SELECT length(member) + length(value) AS bytes FROM member WHERE owner = ? LIMIT ?',
  zset: `SELECT 2 * (length(member) + ${SCORE_BYTES}) + ${ROW_BYTES} AS bytes FROM member WHERE owner = ? LIMIT ?`,
} as const;

function usage({ keyspace, database }: Call, args: readonly ByteString[]): number | null {
  const samples = readSamples(args.slice(1));
  const key = arg(args, 0);
  const entry = database.find(key);
  if (entry === undefined) return null;
  const head = weightOf(new Slot(database.number, key, entry));
  return entry.type === 'string' ? head : head + rowBytes(keyspace.store, entry, samples);
}

/** By the rows that were looked at, as if all were like these. */
function rowBytes(store: Store, { type, owner, count }: CollectionEntry, samples: number): number {
  const sql = `SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM (${SAMPLES[type]})`;
  const limit = samples === 0 ? count : Math.min(samples, count);
  const sampled = store.statement<[number, number], { rows: number; bytes: number }>(sql).get(owner, limit);
  if (sampled === undefined || sampled.rows === 0) return 0;
  return Math.round((sampled.bytes / sampled.rows + ROW_BYTES) * count);
}

function readSamples(args: readonly ByteString[]): number {
  let samples = DEFAULT_SAMPLES;
  for (let i = 0; i < args.length; i += 2) {
    const value = args[i + 1];
    if (args[i]?.toLowerCase() !== 'samples' || value === undefined) throw syntaxError();
    const count = parseInteger(value);
    if (count === undefined) throw notAnInteger();
    if (count < 0n) throw syntaxError();
    samples = Number(count);
  }
  return samples;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  usage: { least: 1, most: Number.POSITIVE_INFINITY, run: usage },
  help: help('memory', [
    'USAGE <key> [SAMPLES <count>]',
    '    Return memory in bytes used by <key> and its value. Nested values are',
    '    sampled up to <count> times (default: 5, 0 means sample all).',
  ]),
};

export const memoryCommands: readonly KvCommand[] = [
  {
    name: 'memory',
    arity: -2,
    firstKey: 2,
    lastKey: 2,
    step: 1,
    flags: ['readonly'],
    summary: 'Tells how many bytes a key takes.',
    run: (call, args) => runSubcommand('memory', subcommands, call, args),
  },
];
