/** Whether a master file makes a zone, as an import would find, without importing it anywhere. */
import { DsError } from '../../../platform/errors.js';
import type { ZoneProblem } from '../zone/problem.js';
import { type ImportFileOptions, importZoneFile } from './import-file.js';
import type { ZoneStore } from './zone-store.js';

export interface FileProblem {
  readonly severity: 'error' | 'warning';
  /** Stable: `soa_missing`; `bad_zone_file` where the text cannot be read. */
  readonly code: string;
  readonly message: string;
  /** The owner it is about, where it is about one. */
  readonly name?: string;
  readonly file: string;
  readonly line?: number;
}

export interface FileVerdict {
  readonly file: string;
  /** The file makes a zone. */
  readonly ok: boolean;
  /** What it makes; undefined where it makes none. */
  readonly zone?: string;
  readonly serial?: number;
  /** Resource records, the SOA included. */
  readonly records?: number;
  /** Errors first. */
  readonly problems: readonly FileProblem[];
}

/** `zones` stays as it is: see scratch.ts. Errors: `dns.unreadable_zone_file` and those of the storage catalogue. */
export async function checkZoneFile(
  zones: ZoneStore,
  path: string,
  options: Pick<ImportFileOptions, 'origin' | 'stdin' | 'onProgress' | 'signal'> = {},
): Promise<FileVerdict> {
  const shown = shownPath(path);
  const problems: FileProblem[] = [];
  try {
    const report = await importZoneFile(zones, path, {
      ...options,
      dryRun: true,
      onProblem: (problem) => problems.push(fileProblem(problem, path)),
    });
    const { origin, serialGiven, added, unchanged } = report;
    return {
      ...{ file: shown, ok: true, zone: origin.toString(), serial: serialGiven },
      ...{ records: added + unchanged, problems },
    };
  } catch (error) {
    if (!(error instanceof DsError) || !isVerdict(error)) throw error;
    const told = problems.some(({ severity }) => severity === 'error');
    return { file: shown, ok: false, problems: told ? problems : [problemOf(error, shown), ...problems] };
  }
}

/** `path`: the file that was asked about, where the problem is nowhere in particular. */
export function fileProblem({ name, file, ...problem }: ZoneProblem, path: string): FileProblem {
  return { ...problem, name: name.toString(), file: file ?? shownPath(path) };
}

const shownPath = (path: string) => (path === '-' ? 'stdin' : path);

/** What is wrong is in the file, and not that it cannot be opened. */
function isVerdict({ code, kind, details }: DsError): boolean {
  return kind === 'usage' && (code !== 'dns.unreadable_zone_file' || details['line'] !== undefined);
}

function problemOf({ code, message, details }: DsError, shown: string): FileProblem {
  const file = typeof details['file'] === 'string' ? details['file'] : shown;
  const line = typeof details['line'] === 'number' ? details['line'] : undefined;
  const place = `${file}:${line}: `;
  return {
    severity: 'error',
    code: code.slice(code.indexOf('.') + 1),
    message: message.startsWith(place) ? message.slice(place.length) : message,
    file,
    ...(line === undefined ? {} : { line }),
  };
}
