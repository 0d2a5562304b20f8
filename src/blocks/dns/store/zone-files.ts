/** Zone files on disk, read in chunks, and the files that $INCLUDE names in them. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { codeOf, whyUnreadable } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';

/** Bytes read at once. */
const CHUNK = 65_536;
const STDIN = 0;
/** Milliseconds until a stdin that is not ready, as a terminal's can be, is asked again. */
const PAUSE_MS = 5;

/** What parseMasterFile takes: `parseMasterFile(zone.chunks, zone)`. */
export interface ZoneFile {
  /** As errors name it. */
  readonly file: string;
  /** Binary text (see name.ts). Can be read once. */
  readonly chunks: Iterable<string>;
  /** A file beside or below the first one; `fromFile` names it, and relative paths are relative to that. */
  include(path: string, fromFile: string): Iterable<string>;
}

/**
 * `-` is stdin, where nothing can be included. A file is opened when the first chunk is asked for, and closed after the last.
 * Error: `dns.unreadable_zone_file`; of include also `dns.include_outside`, when the file, links resolved, is not within the
 * folder of the first one.
 */
export function openZoneFile(path: string): ZoneFile {
  if (path === '-') {
    const include = (name: string) => {
      throw outside(`a zone from stdin has no folder to include "${name}" from`);
    };
    return { file: 'stdin', chunks: readDescriptor(STDIN, 'stdin'), include };
  }
  const include = (name: string, fromFile: string) => {
    const folder = realPath(dirname(path));
    const target = realPath(resolve(dirname(fromFile), name));
    if (!statSync(target).isFile()) throw unreadable(target, new Error('it is no file'));
    if (target.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return readFile(target);
    throw outside(`$INCLUDE "${name}" leads to ${target}, which is outside of ${folder}`);
  };
  return { file: path, chunks: readFile(path), include };
}

function* readFile(path: string): Generator<string, void, undefined> {
  let descriptor: number;
  try {
    // A pipe, which is refused, would keep the process until somebody writes.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw unreadable(path, new Error('it is a folder'));
    // A device may have no end, and a pipe can be read only once.
    if (!stat.isFile()) throw unreadable(path, new Error('it is no file'));
    yield* readDescriptor(descriptor, path);
  } finally {
    closeSync(descriptor);
  }
}

function* readDescriptor(descriptor: number, path: string): Generator<string, void, undefined> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let length = readChunk(descriptor, path, buffer); length > 0; length = readChunk(descriptor, path, buffer)) {
    yield buffer.toString('latin1', 0, length);
  }
}

/** Octets read; none at the end. */
function readChunk(descriptor: number, path: string, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, buffer, 0, buffer.length, null);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw unreadable(path, error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function unreadable(path: string, cause: unknown) {
  return dnsErrors.error('dns.unreadable_zone_file', `cannot read ${path}: ${whyUnreadable(cause)}`, {
    hint: 'name another file, or - for stdin',
    details: { path },
    cause,
  });
}

function outside(message: string) {
  return dnsErrors.error('dns.include_outside', message, {
    hint: 'put the included file into the folder of the zone file, or below it',
  });
}
