/**
 * A master file into the store:
 *
 *     file ──▶ which zone? (file-origin.ts) ──▶ its records, in slices ──▶ incoming ──▶ finish(): one transaction
 *                                                                                       ├ checks (zone/check.ts)
 *     refused, when a check finds an error: nothing has changed then                 ◀──┘
 *
 * Between two slices the event loop turns, so that a daemon goes on answering and a command can be interrupted. The file is
 * read a second time when a check found something, for the lines.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DsError } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';
import type { Name } from '../name.js';
import { typeName } from '../wire.js';
import { checkZone } from '../zone/check.js';
import { type MasterFileOptions, parseMasterFile, type ZoneFileRecord } from '../zone/master-file/index.js';
import type { ZoneProblem } from '../zone/problem.js';
import { type FileOrigin, findFileOrigin } from './file-origin.js';
import { ProblemList } from './problem-list.js';
import { spool } from './spool.js';
import { openZoneFile, unreadable, type ZoneFile } from './zone-files.js';
import { openPipe } from './zone-pipe.js';
import type { ImportReport, ZoneStore } from './zone-store.js';

/** Records read in one turn of the event loop: about 3 ms. */
const SLICE = 256;

export interface ImportProgress {
  readonly records: number;
  /** Octets read, and those of the file; included files are not in the latter. */
  readonly octets: number;
  readonly total: number;
}

export interface ImportFileOptions {
  /** The zone. Default: what the file says, else what its name says; see file-origin.ts. */
  readonly origin?: Name;
  /** What stdin is when the path is `-`. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** For people, kept in the history. */
  readonly comment?: string;
  /** Everything is done, reported, and undone. */
  readonly dryRun?: boolean;
  /** Is told of what is wrong and odd with the zone, errors first, a thousand of each at most; before importZoneFile() ends. */
  readonly onProblem?: (problem: ZoneProblem) => void;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Is told of each file before it is opened: the zone file and what it includes. */
  readonly onFile?: (path: string) => void;
  /** A pipe is refused: it cannot be read again when it has changed. */
  readonly onlyFiles?: boolean;
  /** Ends it between two slices with the signal's reason; nothing has changed then. */
  readonly signal?: AbortSignal;
}

export interface ImportFileReport extends ImportReport {
  /** How many, of which `onProblem` was told at most a thousand. */
  readonly warnings: number;
}

/**
 * Errors: `dns.unreadable_zone_file`, `dns.bad_zone_file` with file and line where the file cannot be read as one,
 * `dns.bad_zone` when a check finds an error, `dns.secondary_zone`, and those of the storage catalogue.
 */
export async function importZoneFile(
  zones: ZoneStore,
  path: string,
  options: ImportFileOptions = {},
): Promise<ImportFileReport> {
  const source = await openSource(path, options);
  try {
    return await new FileImport(zones, source, options).run();
  } finally {
    await source.close();
  }
}

/** A zone file that can be read from its beginning any number of times. */
interface Source {
  /** As messages name it. */
  readonly shown: string;
  /** As the history names it. */
  readonly absolute: string;
  readonly total: number;
  open(): ZoneFile;
  close(): Promise<void>;
}

async function openSource(path: string, { stdin, onlyFiles = false, signal }: ImportFileOptions): Promise<Source> {
  if (path === '-') {
    if (stdin === undefined) throw new Error('there is no stdin to read from');
    return spooledSource('stdin', stdin, signal);
  }
  const { isPipe, size } = look(path);
  if (isPipe && onlyFiles) throw unreadable(path, new Error('it is no file'));
  if (isPipe) return spooledSource(path, pipeAt(path), signal);
  return { shown: path, absolute: resolve(path), total: size, open: () => openZoneFile(path), close: async () => {} };
}

async function spooledSource(
  shown: string,
  input: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Source> {
  const { path, remove } = await spool(input, signal);
  // As for stdin: there is no folder that files could be included from.
  const { include } = openZoneFile('-');
  const open = () => ({ file: shown, chunks: openZoneFile(path).chunks, include });
  return { shown, absolute: shown, total: look(path).size, open, close: remove };
}

function pipeAt(path: string): AsyncIterable<Uint8Array> {
  try {
    return openPipe(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Error: `dns.unreadable_zone_file`. */
function look(path: string) {
  try {
    const stat = statSync(path);
    return { isPipe: stat.isFIFO(), size: stat.size };
  } catch (error) {
    throw unreadable(path, error);
  }
}

class FileImport {
  readonly #zones: ZoneStore;
  readonly #source: Source;
  readonly #options: ImportFileOptions;
  readonly #problems = new ProblemList();
  #octets = 0;

  constructor(zones: ZoneStore, source: Source, options: ImportFileOptions) {
    this.#zones = zones;
    this.#source = source;
    this.#options = options;
  }

  async run(): Promise<ImportFileReport> {
    const { origin: zone } = this.#options;
    const origin =
      zone === undefined
        ? findFileOrigin(this.#source.shown, (base) => this.#read(base === undefined ? {} : { origin: base }))
        : { zone, origin: zone };
    try {
      const report = await this.#import(origin);
      this.#addOddities(report);
      return { ...report, warnings: this.#problems.warnings };
    } finally {
      await this.#tell(origin);
    }
  }

  async #import(origin: FileOrigin): Promise<ImportReport> {
    const { comment, dryRun = false, onProgress } = this.#options;
    const pending = this.#zones.beginImport(origin.zone, {
      source: this.#source.absolute,
      serial: 'bump',
      dryRun,
      ...(comment === undefined ? {} : { comment }),
      verify: (zone) => {
        for (const problem of checkZone(zone)) this.#problems.add(problem);
        if (this.#problems.errors > 0) throw this.#refusal(origin.zone);
      },
    });
    this.#octets = 0;
    let records = 0;
    try {
      const warn = (problem: ZoneProblem) => this.#problems.add(problem);
      await this.#inSlices(this.#read({ ...parseOptions(origin), warn }), (record) => {
        pending.add(record);
        records++;
        if (records % SLICE === 0) onProgress?.({ records, octets: this.#octets, total: this.#source.total });
        return true;
      });
      return pending.finish();
    } finally {
      pending.abort();
    }
  }

  /** Until `take` returns false. */
  async #inSlices(records: Iterable<ZoneFileRecord>, take: (record: ZoneFileRecord) => boolean): Promise<void> {
    let taken = 0;
    for (const record of records) {
      if (!take(record)) return;
      if (++taken % SLICE > 0) continue;
      await setImmediate();
      this.#options.signal?.throwIfAborted();
    }
  }

  #read(options: Omit<MasterFileOptions, 'file' | 'include'>): Iterable<ZoneFileRecord> {
    const { file, chunks, include } = this.#source.open();
    const { onFile } = this.#options;
    onFile?.(this.#source.absolute);
    return parseMasterFile(this.#counted(chunks), {
      ...options,
      file,
      include: (path, fromFile) => {
        onFile?.(resolve(fromFile, '..', path));
        return this.#counted(include(path, fromFile));
      },
    });
  }

  *#counted(chunks: Iterable<string>): Generator<string, void, undefined> {
    for (const chunk of chunks) {
      this.#octets += chunk.length;
      yield chunk;
    }
  }

  #refusal(zone: Name): DsError {
    const { errors, warnings, kept } = this.#problems;
    const more = errors > 1 ? ` (and ${errors - 1} more)` : '';
    return dnsErrors.error('dns.bad_zone', `${this.#source.shown} makes no zone: ${kept[0]?.message}${more}`, {
      details: { file: this.#source.shown, zone: zone.toString(), errors, warnings },
    });
  }

  /** What was put right while the records came in. */
  #addOddities({ origin, duplicates, mixedTtls, mixedTtlExamples }: ImportReport): void {
    if (duplicates > 0) {
      const message = duplicates === 1 ? 'a record stands twice' : `${duplicates} records stand more than once`;
      this.#problems.add({ severity: 'warning', code: 'duplicate_records', name: origin, message });
    }
    for (const { name, type, ttl } of mixedTtlExamples) {
      const message = `${name} ${typeName(type)} has several TTLs; all records get the smallest, ${ttl}`;
      this.#problems.add({ severity: 'warning', code: 'mixed_ttls', name, message });
    }
    const more = mixedTtls - mixedTtlExamples.length;
    if (more > 0) {
      const message = `${more} more sets of records have several TTLs; all records get the smallest`;
      this.#problems.add({ severity: 'warning', code: 'mixed_ttls', name: origin, message });
    }
  }

  async #tell(origin: FileOrigin): Promise<void> {
    const { onProblem } = this.#options;
    if (onProblem === undefined) return;
    const place = this.#problems.placer();
    // A file that has changed since then tells other lines, or none.
    if (place !== undefined) await this.#inSlices(this.#read(parseOptions(origin)), place).catch(ignoreDsError);
    for (const problem of this.#problems.kept) onProblem(problem);
  }
}

function ignoreDsError(error: unknown): void {
  if (!(error instanceof DsError)) throw error;
}

function parseOptions({ zone, origin }: FileOrigin): Omit<MasterFileOptions, 'file' | 'include'> {
  return { zone, outside: 'skip', ...(origin === undefined ? {} : { origin }) };
}
