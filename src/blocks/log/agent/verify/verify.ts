/**
 * Proves what became of the lines of a file and of its rotated forms. Two accounts that know nothing of each other have to agree:
 *
 *     the ledger     ranges of bytes that were read, the entries that were made of them, what was dropped and why, what was acknowledged
 *     the store      each entry's range and the hash of its line
 *     the disk       where the bytes are still there: each stored line is compared with them, and what was not read yet is counted
 *
 * A file is clean when every byte from where reading began up to its end is covered once by entries that are stored (or acknowledged by the
 * sink), or was dropped or removed for a reason that the ledger knows, and no line differs.
 */
import { type Counts, mergeCounts, readCounts, sumOf } from '../../store/agent/counts.js';
import { filesOfPath, type KnownFile } from '../../store/agent/files.js';
import type { EntryStore } from '../../store/entry-store.js';
import type { Disk } from '../sources/files/disk.js';
import { compareStored, type StoredAccount } from './compare.js';
import { Coverage } from './coverage.js';
import { DiskBytes } from './disk-bytes.js';
import { FamilyOnDisk, type Present } from './present.js';

export interface FileProof {
  readonly pipeline: string;
  readonly sink: string;
  /** Number in the ledger. */
  readonly file: number;
  /** Where it is now, else where it was last seen. */
  readonly path: string;
  readonly state: KnownFile['state'];
  /** It is there. */
  readonly onDisk: boolean;
  /** It is there, and is not what was read of it: it was cut, changed or begun anew since, or is damaged. */
  readonly isOther: boolean;
  /** Bytes from here up to `offset` were read. */
  readonly begun: number;
  readonly offset: number;
  /** Lines that were read. */
  readonly lines: number;
  /** Entries that were made of them. */
  readonly entries: number;
  /** Entries in the store, each once; of another sink: acknowledged. */
  readonly stored: number;
  /** Entries that were handed out and did not arrive yet. */
  readonly waiting: number;
  readonly duplicates: number;
  readonly missing: number;
  /** Bytes that no entry covers, and nothing that was dropped or removed explains. */
  readonly missingBytes: number;
  readonly dropped: Counts;
  /** By retention. */
  readonly removed: number;
  /** Stored lines that are others than on disk, or are not there. */
  readonly changed: number;
  /** Lines on disk after `offset`, and the rest of one that was read in part. */
  readonly unread: number;
  readonly isClean: boolean;
}

export interface Verified {
  readonly path: string;
  readonly files: readonly FileProof[];
  /** Files beside it that no pipeline has looked at yet. */
  readonly unknown: readonly string[];
  /** Files beside it that are not read, on purpose. */
  readonly skipped: readonly SkippedFile[];
  readonly isClean: boolean;
}

interface SkippedFile {
  readonly pipeline: string;
  readonly path: string;
  /** `copy`: its lines were read from another file; `ignored`: compressed before the pipeline began. */
  readonly state: 'copy' | 'ignored';
}

export interface VerifyOptions {
  readonly store: Pick<EntryStore, 'sql' | 'origins' | 'removed'>;
  readonly disk: Disk;
  /** A pipeline has transforms that change lines: those that differ are counted, and are no failure. */
  readonly allowChanged: boolean;
}

interface PipelineRow {
  readonly id: number;
  readonly name: string;
  readonly sink: string;
  /** Null: the store itself. */
  readonly when_full: string | null;
}

/** `path`: absolute. A path that no pipeline has read has no files. Entries in
 * damaged blocks are missing. Errors: those of the storage catalogue. */
export async function verifyPath(path: string, options: VerifyOptions): Promise<Verified> {
  const { sql } = options.store;
  const known = filesOfPath(sql, path);
  const pipelines = sql.read(() =>
    sql.statement<[], PipelineRow>('SELECT id, name, sink, when_full FROM pipelines').all(),
  );
  const family = new FamilyOnDisk(options.disk, path);
  const files: FileProof[] = [];
  const skipped: SkippedFile[] = [];
  for (const file of known) {
    const { state } = file;
    const pipeline = pipelines.find(({ id }) => id === file.pipeline);
    if (pipeline === undefined) continue;
    const isTrace = state === 'gone' && file.offset === file.begun;
    if (state === 'copy' || state === 'ignored') skipped.push({ pipeline: pipeline.name, path: file.path, state });
    else if (!isTrace) files.push(await proveFile(file, pipeline, family, options));
  }
  const unknown = family.unknown(known);
  return {
    path,
    files,
    unknown,
    skipped,
    isClean: unknown.length === 0 && files.length > 0 && files.every(({ isClean }) => isClean),
  };
}

async function proveFile(
  file: KnownFile,
  pipeline: PipelineRow,
  family: FamilyOnDisk,
  options: VerifyOptions,
): Promise<FileProof> {
  const ledger = ledgerOf(options.store.sql, file);
  const isStore = pipeline.when_full === null;
  const present = await family.open(file);
  // What is damaged cannot be decompressed to its end.
  const isReadable = present !== undefined && (present.isSame || !file.compressed);
  const bytes = isReadable ? new DiskBytes(present.opened, file.compressed) : undefined;
  try {
    const stored = isStore ? await compareStored(file, bytes, options.store) : undefined;
    const unread = (await bytes?.linesAfter(file.offset)) ?? 0;
    return conclude({ file, pipeline, ledger, stored, unread, present, options });
  } finally {
    await bytes?.close();
    present?.opened.close();
  }
}

interface LedgerAccount {
  readonly coverage: Coverage;
  readonly lines: number;
  readonly acknowledged: number;
  readonly waiting: number;
  readonly dropped: Counts;
}

interface LedgerRow {
  readonly from: number;
  readonly to: number;
  readonly lines: number;
  readonly entries: number;
  readonly dropped: string;
  readonly acknowledged: number | null;
}

function ledgerOf(sql: EntryStore['sql'], { number, pipeline, begun, offset }: KnownFile): LedgerAccount {
  const coverage = new Coverage(begun);
  let lines = 0;
  let acknowledged = 0;
  let waiting = 0;
  let dropped: Counts = {};
  const rows = sql.read(() =>
    sql
      .statement<[number, number], LedgerRow>(
        `SELECT from_offset AS "from", to_offset AS "to", lines, entries, dropped, acknowledged_at AS acknowledged
         FROM ledger WHERE pipeline = ? AND file = ? ORDER BY from_offset`,
      )
      .all(pipeline, number),
  );
  for (const row of rows) {
    coverage.add(row.from, row.to);
    lines += row.lines;
    dropped = mergeCounts(dropped, readCounts(row.dropped));
    if (row.acknowledged === null) waiting += row.entries;
    else acknowledged += row.entries;
  }
  coverage.end(offset);
  return { coverage, lines, acknowledged, waiting, dropped };
}

function conclude(found: {
  readonly file: KnownFile;
  readonly pipeline: PipelineRow;
  readonly ledger: LedgerAccount;
  readonly stored: StoredAccount | undefined;
  readonly unread: number;
  readonly present: Present | undefined;
  readonly options: VerifyOptions;
}): FileProof {
  const { file, pipeline, ledger, stored, unread, present, options } = found;
  const handedOn = ledger.acknowledged + ledger.waiting;
  const removed = stored?.removed ?? 0;
  const arrived = stored?.coverage.entries ?? ledger.acknowledged;
  const waiting = stored === undefined ? ledger.waiting : 0;
  const duplicates = (stored?.coverage.repeated ?? 0) + ledger.coverage.repeated;
  const isExplained = removed > 0 || sumOf(ledger.dropped) > 0;
  const missing = Math.max(0, handedOn - removed - waiting - arrived);
  const missingBytes = ledger.coverage.gapBytes + (isExplained ? 0 : (stored?.coverage.gapBytes ?? 0));
  const changed = stored?.changed ?? 0;
  const isOther = present?.isSame === false;
  const isWhole = missing + missingBytes + duplicates + waiting + unread === 0;
  const isClean = isWhole && !isOther && (changed === 0 || options.allowChanged);
  return {
    pipeline: pipeline.name,
    sink: pipeline.sink,
    file: file.number,
    path: present?.path ?? file.path,
    state: file.state,
    onDisk: present !== undefined,
    isOther,
    begun: file.begun,
    offset: file.offset,
    lines: file.lines,
    entries: handedOn + sumOf(ledger.dropped),
    stored: arrived,
    waiting,
    duplicates,
    missing,
    missingBytes,
    dropped: ledger.dropped,
    removed,
    changed,
    unread,
    isClean,
  };
}
