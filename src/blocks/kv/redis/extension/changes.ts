/**
 * KV.CHANGES and KV.STATE: what was changed, out of the journal. A row of it is a whole turn, and may be told in several answers.
 */
import { bytes, map, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { kvErrors } from '../../errors.js';
import type { Keyspace } from '../../store/keyspace.js';
import { decodeRecords, type JournalRecord } from '../../store/records.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readCount } from '../numbers.js';
import { readOptions } from './options.js';
import { NEVER } from './values.js';

/** Changes of one answer. */
const MOST_CHANGES = 10_000;
/** Bytes of records looked at for one answer, beyond which it ends. */
const MOST_BYTES = 1024 * 1024;

interface Row {
  readonly revision: number;
  readonly at: number;
  readonly records: Buffer;
}

function changes(call: Call, args: readonly ByteString[]): Reply {
  const { keyspace, database } = call;
  const after = readCount(arg(args, 0));
  const limit = Math.min(MOST_CHANGES, Math.max(1, readCount(arg(args, 1))));
  const prefix = readOptions(args.slice(2), { valued: ['PREFIX'] }).get('PREFIX') ?? '';
  refuseForgotten(keyspace, after);
  const told: Reply[] = [];
  let seen = after;
  for (let left = MOST_BYTES; left > 0 && told.length < limit; ) {
    const row = rowBehind(keyspace, seen);
    if (row === undefined) break;
    left -= row.records.length;
    for (const record of decodeRecords(row.records, row.revision)) {
      if (record.revision <= seen) continue;
      if (told.length >= limit) break;
      seen = record.revision;
      if (concerns(record, database.number, prefix)) told.push(replyOf(record, row.at));
    }
  }
  return [seen, told];
}

const concerns = ({ kind, database, key }: JournalRecord, number: number, prefix: ByteString): boolean =>
  (database === undefined || database === number) && (kind === 'flush' || key.startsWith(prefix));

function replyOf({ revision, kind, key, entry }: JournalRecord, at: number): Reply {
  const head = [revision, at, kind, bytes(key)];
  if (entry === undefined) return head;
  const content = entry.type === 'string' ? bytes(entry.value) : entry.count;
  return [...head, entry.type, content, entry.expires ?? NEVER];
}

function rowBehind({ store }: Keyspace, revision: number): Row | undefined {
  const sql = 'SELECT revision, at, records FROM journal WHERE revision > ? ORDER BY revision LIMIT 1';
  return store.statement<[number], Row>(sql).get(revision);
}

function refuseForgotten({ standing, revision }: Keyspace, after: number): void {
  standing.reload();
  if (after >= standing.forgotten || revision === 0) return;
  const first = standing.forgotten + 1;
  throw kvErrors.error('kv.history_gone', `changes before revision ${first} are not kept any more`, {
    hint: `--from-revision ${first}`,
    details: { first_revision: first },
  });
}

function state({ keyspace }: Call): Reply {
  const { revision, standing, memory } = keyspace;
  standing.reload();
  return map([
    ['revision', revision],
    ['first_revision', standing.forgotten + 1],
    ['unfolded_keys', memory.fresh.length + memory.folding.length],
    ['bytes', fileBytes(keyspace)],
    ['keys', keyspace.databases.map(({ size }) => size)],
    ['expiring', keyspace.databases.map(({ volatile }) => volatile)],
  ]);
}

function fileBytes({ store }: Keyspace): number {
  const sql = 'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size';
  return store.statement<[], { bytes: number }>(sql).get()?.bytes ?? 0;
}

export const changeCommands: readonly KvCommand[] = [
  {
    name: 'kv.changes',
    arity: -3,
    flags: ['readonly'],
    summary: 'Answers changes behind a revision, up to a count (PREFIX bytes); first up to which revision that is all.',
    run: changes,
  },
  {
    name: 'kv.state',
    arity: 1,
    flags: ['readonly'],
    summary: 'Answers revisions, bytes of the file, and keys of each database.',
    run: state,
  },
];
