/**
 * An append-only log file of bounded size:
 *
 *     seq.log ──full──▶ seq.log.1 ──▶ seq.log.2 ──▶ … ──▶ seq.log.<keep> ──▶ gone
 *
 * Writes are synchronous: a record that explains a crash is on its way to the disk before the crash goes on. A daemon
 * logs events, not requests, so the cost does not meet the hot path.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../errors.js';
import { makeHomeFolder } from './home-folder.js';

export interface LogSink {
  /** One NDJSON record with its line end. */
  write(line: string): void;
}

export interface RotationLimits {
  /** Bytes after which a new file is begun. Default 10 MiB. */
  readonly maxBytes?: number;
  /** How many full files are kept beside the current one. Default 3. */
  readonly keep?: number;
}

const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
const DEFAULT_KEEP = 3;

export class LogFile implements LogSink {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  #descriptor: number;
  #size: number;

  constructor(path: string, limits: RotationLimits = {}) {
    this.#path = path;
    this.#maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#keep = limits.keep ?? DEFAULT_KEEP;
    makeHomeFolder(dirname(path));
    this.#descriptor = openSync(path, 'a', 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#size > 0 && this.#size + bytes.length > this.#maxBytes) this.#rotate();
    writeSync(this.#descriptor, bytes);
    this.#size += bytes.length;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    for (let age = this.#keep; age >= 1; age--) {
      renameIfThere(age === 1 ? this.#path : `${this.#path}.${age - 1}`, `${this.#path}.${age}`);
    }
    this.#descriptor = openSync(this.#path, 'a', 0o600);
    this.#size = 0;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
