/** Error codes of the SQLite store, and the translation of what SQLite and the file system report into them. */
import { DsError, defineErrors } from '../errors.js';

export const storageErrors = defineErrors({
  'storage.corrupt': { kind: 'storage', meaning: 'The file is damaged: SQLite finds its pages inconsistent.' },
  'storage.not_a_database': { kind: 'storage', meaning: 'The file is not a SQLite database.' },
  'storage.foreign_file': {
    kind: 'storage',
    meaning: 'The file is a SQLite database, but another program or block made it.',
  },
  'storage.full': { kind: 'storage', meaning: 'The disk, the quota or the size limit of the file is used up.' },
  'storage.read_only': { kind: 'storage', meaning: 'The file, its folder or the file system cannot be written.' },
  'storage.locked': {
    kind: 'storage',
    meaning: 'Another process kept the file locked for longer than the busy timeout.',
  },
  'storage.newer_schema': { kind: 'storage', meaning: 'A newer version of ds wrote the file; it was left untouched.' },
  'storage.cannot_open': { kind: 'storage', meaning: 'The file or its folder cannot be opened or created.' },
  'storage.io': {
    kind: 'storage',
    meaning: 'The operating system reported an error while reading or writing the file.',
  },
  'storage.failed': {
    kind: 'storage',
    meaning: 'SQLite refused an operation for a reason that has no code of its own.',
  },
  'storage.replaced': {
    kind: 'storage',
    meaning: 'The file was deleted or replaced while a process had it open; that process writes no more.',
  },
  'storage.overloaded': {
    kind: 'storage',
    meaning: 'More writes wait for the disk, or reads for memory, than are taken at a time.',
  },
  'storage.closed': { kind: 'storage', meaning: 'The store was closed while the operation was on its way.' },
  'storage.backup_target': { kind: 'usage', meaning: 'A backup cannot be written over the file that it is made from.' },
});

type StorageCode = keyof typeof storageErrors.definitions;

interface Rule {
  /** Matches the start of a SQLite result code or the whole of a file-system one. */
  readonly matches: RegExp;
  readonly code: StorageCode;
  /** Completes `PATH …`. */
  readonly says: string;
  hint(path: string): string;
}

/** The first that matches wins: SQLITE_READONLY_… before SQLITE_… and so on. */
const rules: readonly Rule[] = [
  {
    matches: /^SQLITE_CORRUPT/,
    code: 'storage.corrupt',
    says: 'is damaged',
    hint: (path) => `restore a backup, or rescue what can be read: sqlite3 '${path}' .recover`,
  },
  {
    matches: /^SQLITE_NOTADB/,
    code: 'storage.not_a_database',
    says: 'is not a SQLite database',
    hint: () => 'name another file with --db PATH',
  },
  {
    matches: /^(SQLITE_FULL|SQLITE_IOERR_(WRITE_)?NOSPC|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT|EFBIG)/,
    code: 'storage.full',
    says: 'cannot grow: no space is left',
    hint: (path) => `make room, see: df -h '${path}'`,
  },
  {
    matches: /^(SQLITE_READONLY|EROFS)/,
    code: 'storage.read_only',
    says: 'cannot be written',
    hint: (path) => `see who may write it: ls -la '${path}'`,
  },
  {
    matches: /^(SQLITE_BUSY|SQLITE_LOCKED|SQLITE_PROTOCOL)/,
    code: 'storage.locked',
    says: 'is locked by another process',
    hint: (path) => `see who has it open: fuser -v '${path}'`,
  },
  {
    matches:
      /^(SQLITE_CANTOPEN|SQLITE_PERM|SQLITE_AUTH|EACCES|EPERM|ENOENT|ENOTDIR|EISDIR|EEXIST|ELOOP|ENAMETOOLONG|EMFILE|ENFILE)/,
    code: 'storage.cannot_open',
    says: 'cannot be opened',
    hint: (path) => `look at it and its folder: ls -lad '${path}', or name another file with --db PATH`,
  },
  {
    matches: /^(SQLITE_IOERR|EIO)/,
    code: 'storage.io',
    says: 'cannot be read or written',
    hint: () => "look for disk errors in the system's log: dmesg | tail",
  },
  {
    matches: /^SQLITE_/,
    code: 'storage.failed',
    says: 'refused the operation',
    hint: (path) => `check the file: sqlite3 '${path}' 'pragma quick_check'`,
  },
];

/**
 * Makes a catalogue error of whatever was thrown while the store at `path` was used. A {@link DsError} and what is
 * neither from SQLite nor from the file system (a bug) come back as they are.
 */
export function translateStorageError(thrown: unknown, path: string): unknown {
  if (thrown instanceof DsError || !(thrown instanceof Error)) return thrown;
  const reported = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  const rule = reported === undefined ? undefined : rules.find(({ matches }) => matches.test(reported));
  if (reported === undefined || rule === undefined) return thrown;
  return storageErrors.error(rule.code, `${path} ${rule.says}: ${lowerFirst(thrown.message)}`, {
    hint: rule.hint(path),
    details: { path, reason: reported },
    cause: thrown,
  });
}

export function closedError(path: string): DsError {
  return storageErrors.error('storage.closed', `${path} is closed`, { details: { path } });
}

/** Of a file that is to be read, and not made. */
export function missingFileError(path: string): DsError {
  return storageErrors.error('storage.cannot_open', `${path} does not exist`, {
    hint: 'name another file with --db PATH',
    details: { path },
  });
}

function lowerFirst(text: string): string {
  return /^[A-Z](?![A-Z])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
