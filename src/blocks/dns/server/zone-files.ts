/**
 * Master files that the daemon serves (--zone-file): imported when it starts, and again whenever one changes.
 *
 *              ┌────────── looks again after a second ◀─────────┐
 *              ▼                                                │
 *     stamps as imported? ──yes──────────────────────────────────┤
 *              │ no                                             │
 *     as at the last look? ──no: it is being written ───────────┤
 *              │ yes                                            │
 *           import ──▶ served at once; or refused: a warning with file and line, and what was there stays
 *
 * A file is looked at by its number, size and time of change, and so is each that it includes. The file is the zone: what
 * commands changed in a zone that comes from a file lasts until the file changes or the daemon starts again.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { DsError } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';
import { importZoneFile } from '../store/import-file.js';
import type { ZoneStore } from '../store/zone-store.js';
import type { ZoneProblem } from '../zone/problem.js';

/** Milliseconds between two looks at the files: how late a change is noticed, and how long a file has to stay as it is. */
const LOOK_EVERY_MS = 1000;
/** Warnings of a file that are logged; the rest is counted. */
const MOST_LOGGED = 20;

export interface ZoneFilesParts {
  readonly paths: readonly string[];
  readonly zones: ZoneStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ZoneFiles {
  readonly #parts: ZoneFilesParts;
  readonly #files: readonly WatchedFile[];
  readonly #closed = new AbortController();
  #watching: Promise<void> | undefined;

  constructor(parts: ZoneFilesParts) {
    this.#parts = parts;
    this.#files = [...new Set(parts.paths.map((path) => resolve(path)))].map((path) => new WatchedFile(path));
  }

  /**
   * Imports every file, then watches them. Errors: `dns.zone_exists` when two are of one zone, and those of importZoneFile(), unless a zone was imported from that file before:
   * then it is a warning, and the zone is served as it is.
   */
  async load(): Promise<void> {
    for (const file of this.#files) {
      try {
        await this.#import(file);
      } catch (error) {
        if (!(error instanceof DsError) || error.kind !== 'usage' || !this.#knows(file)) throw error;
        this.#warn(file, `${error.message}; the zone is served as it was imported last`);
      }
    }
    this.#refuseTwins();
    if (this.#files.length > 0) this.#watching = this.#watch();
  }

  /** Ends the watch; resolves when nothing is read or written any more. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { clock, logger } = this.#parts;
    const { signal } = this.#closed;
    try {
      for (;;) {
        await clock.sleep(LOOK_EVERY_MS, signal);
        for (const file of this.#files) await this.#look(file);
      }
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error }, 'zone files are no longer watched');
    }
  }

  async #look(file: WatchedFile): Promise<void> {
    if (!file.hasSettled()) return;
    try {
      await this.#import(file);
    } catch (error) {
      if (!(error instanceof DsError) || this.#closed.signal.aborted) throw error;
      this.#warn(file, `${error.message}; the zone stays as it was`);
      // A store that is locked or full may take it a second later.
      if (error.kind === 'storage') file.forget();
    }
  }

  async #import(file: WatchedFile): Promise<void> {
    const { zones, logger } = this.#parts;
    file.begin();
    const problems: ZoneProblem[] = [];
    try {
      const { origin, changed, serial, added, removed, warnings } = await importZoneFile(zones, file.path, {
        comment: 'ds dns serve --zone-file',
        onlyFiles: true,
        signal: this.#closed.signal,
        onFile: (path) => file.opens(path),
        onProblem: (problem) => {
          if (problems.length < MOST_LOGGED) problems.push(problem);
        },
      });
      file.warned = undefined;
      file.zone = origin.key;
      if (!changed) return;
      const facts = { zone: origin.toString(), serial, added, removed, warnings, file: file.path };
      logger.info(facts, 'zone file imported');
    } finally {
      for (const { severity, message, file: where = file.path, line } of problems) {
        logger.warn({ file: where, ...(line === undefined ? {} : { line }) }, `${severity}: ${message}`);
      }
    }
  }

  /** Each of two files of one zone would undo what the other says. */
  #refuseTwins(): void {
    const known = this.#files.filter(({ zone }) => zone !== undefined);
    const twin = known.find(({ zone }, i) => known.findIndex((other) => other.zone === zone) < i);
    const first = known.find(({ zone }) => zone === twin?.zone);
    if (twin === undefined || first === undefined) return;
    throw dnsErrors.error('dns.zone_exists', `${first.path} and ${twin.path} are of the same zone`, {
      hint: 'name one of them by --zone-file; it may $INCLUDE the other',
      details: { file: twin.path },
    });
  }

  /** Once, however often it is met. */
  #warn(file: WatchedFile, text: string): void {
    if (file.warned === text) return;
    file.warned = text;
    this.#parts.logger.warn({ file: file.path }, text);
  }

  #knows({ path }: WatchedFile): boolean {
    const { zones } = this.#parts;
    return zones.list().some(({ origin }) => zones.history(origin).some(({ source }) => source === path));
  }
}

/** A zone file with those that it includes, and how they looked. */
class WatchedFile {
  readonly path: string;
  /** The key of the zone that it is of, once it was read. */
  zone: string | undefined;
  warned: string | undefined;
  /** By path: as they looked before they were read. */
  #read = new Map<string, string>();
  /** As they looked a moment ago, where that was not as they were read. */
  #changing: string | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Before an import: from now on opens() is told what is read. */
  begin(): void {
    this.#read = new Map();
    this.opens(this.path);
  }

  /** Before it is read: what is written meanwhile makes a difference at the next look. */
  opens(path: string): void {
    if (!this.#read.has(path)) this.#read.set(path, stampOf(path));
  }

  /** The next look finds it changed. */
  forget(): void {
    this.#read.set(this.path, 'to be read again');
  }

  /** It is not as it was read, and has been as it is since the last look. */
  hasSettled(): boolean {
    const seen = [...this.#read.keys()].map(stampOf);
    const differs = [...this.#read.values()].some((stamp, i) => stamp !== seen[i]);
    const before = this.#changing;
    this.#changing = differs ? seen.join('\n') : undefined;
    return differs && this.#changing === before;
  }
}

/** Empty for a file that is not there. */
function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}
