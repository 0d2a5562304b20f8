/**
 * The one error class of `ds` and the means to declare a catalogue of error codes.
 *
 * Every error that a user can meet has a stable `code`, listed with its meaning in a catalogue made by
 * {@link defineErrors}; commands/ERRORS.md is generated from the catalogues. A code's `kind` decides the exit code,
 * in one place: platform/cli/exit-codes.ts.
 */

/**
 * What an error means for whoever runs the command:
 * - `no`: the answer is no (not found, limited, unhealthy, differs)
 * - `usage`: bad usage or bad input
 * - `peer`: a peer could not be reached, or refused
 * - `storage`: the store failed (locked, full, corrupt, newer, read-only)
 * - `internal`: a bug in ds itself
 * - `interrupted`: the user stopped it
 */
export type ErrorKind = 'no' | 'usage' | 'peer' | 'storage' | 'internal' | 'interrupted';

export type ErrorDetail = string | number | boolean;

export interface ErrorContext {
  /** What to do next; where possible a command that can be pasted. */
  readonly hint?: string;
  /** Machine-readable facts for `--json`, in snake_case: `{address: '127.0.0.1:6379', pid: 812}`. */
  readonly details?: Readonly<Record<string, ErrorDetail>>;
  readonly cause?: unknown;
}

export class DsError extends Error {
  override readonly name = 'DsError';
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, ErrorDetail>>;

  constructor(
    /** Stable and documented: `listen.address_in_use`. */
    readonly code: string,
    readonly kind: ErrorKind,
    /** Lower case, no full stop, with the value that was wrong in it. */
    message: string,
    context: ErrorContext = {},
  ) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.hint = context.hint;
    this.details = context.details ?? {};
  }
}

export interface ErrorDefinition {
  readonly kind: ErrorKind;
  /** One sentence for commands/ERRORS.md. */
  readonly meaning: string;
}

export interface ErrorCatalogue<Code extends string> {
  readonly definitions: Readonly<Record<Code, ErrorDefinition>>;
  /** Makes (does not throw) an error of this catalogue. */
  error(code: Code, message: string, context?: ErrorContext): DsError;
}

export function defineErrors<Code extends string>(
  definitions: Readonly<Record<Code, ErrorDefinition>>,
): ErrorCatalogue<Code> {
  return {
    definitions,
    error: (code, message, context) => new DsError(code, definitions[code].kind, message, context),
  };
}

/** What was wrong, of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of an error of the system or of a library (`ENOENT`); undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Why a file could not be read, for people: what Node says repeats the path and the system call. */
export function whyUnreadable(error: unknown): string {
  if (codeOf(error) === 'ENOENT') return 'there is no such file';
  return messageOf(error).replace(/^E[A-Z]+: (.*), \w+(?: '.*')?$/s, '$1');
}
