/** Opens files of logs as they were named: paths, patterns, `-`. */
import type { Clock } from '../../../platform/clock.js';
import { formatSize } from '../../../platform/units.js';
import { isGlob } from '../agent/sources/files/glob.js';
import { logErrors } from '../errors.js';
import { readZoneName } from '../transform/timestamp/zone.js';
import { familiesOf } from './families.js';
import { glob } from './glob.js';
import { findLogFile, type LogFile, streamFile } from './log-file.js';
import { FileLogs } from './store.js';
import { LONGEST_LINE } from './whole-lines.js';

/** Files that are open at once when a query merges them. */
const MOST_FAMILIES = 256;

export interface FileOptions {
  readonly clock: Clock;
  /** What `-` names; asked for once. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Of timestamps that do not say theirs; absent: UTC. */
  readonly timezone?: string | undefined;
  /** Hears what people should know. */
  readonly onNote?: ((text: string) => void) | undefined;
}

/** Errors: `log.unreadable_file`, `log.bad_glob`, `log.bad_timezone`, `log.bad_target`. */
export async function openFileLogs(typed: readonly string[], options: FileOptions): Promise<FileLogs> {
  const now = options.clock.now();
  const zone = readZoneName(options.timezone ?? 'UTC');
  const families = familiesOf(await pathsOf(typed));
  if (families.length > MOST_FAMILIES) {
    throw logErrors.error(
      'log.bad_target',
      `${families.length} logs are asked at once, ${MOST_FAMILIES} are the most`,
      {
        hint: 'put them into a store and ask that: ds log ship --once FILE…',
      },
    );
  }
  const find = (path: string): Promise<LogFile> | LogFile =>
    path === '-' ? streamFile('-', options.stdin(), now) : findLogFile(path, options.clock);
  const files: LogFile[][] = [];
  for (const family of families) {
    const found: LogFile[] = [];
    for (const path of family) found.push(await find(path));
    files.push(found);
  }
  const onUntimed = ({ name, rereadable }: LogFile) => {
    const taken = rereadable ? 'the time of its last change' : 'that of reading';
    options.onNote?.(`${name} begins with lines without a timestamp: they count as written at ${taken}`);
  };
  const onCut = ({ name, cutLines }: LogFile) => {
    const lines = cutLines === 1 ? '1 line has' : `${cutLines} lines have`;
    options.onNote?.(`${lines} more than ${formatSize(LONGEST_LINE)} in ${name}: the rest was left out`);
  };
  return new FileLogs(files, { now, zone, onUntimed, onCut }, options.clock);
}

async function pathsOf(typed: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const text of typed) {
    if (text === '-' || !isGlob(text)) {
      paths.push(text);
      continue;
    }
    // A file may be called like a pattern.
    const found = await glob(text);
    paths.push(...(found.length === 0 ? [text] : found));
  }
  return paths;
}
