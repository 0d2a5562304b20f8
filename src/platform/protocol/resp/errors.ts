/**
 * Error replies. A DsError crosses the wire as its code in upper case, then its message, then what else it carries, in
 * a form that both redis-cli's user and a program can read:
 *
 *     -SEQ.WORKERS_EXHAUSTED all 1024 workers of twitter are taken (hint: ds seq worker list) {"free_at_ms":1700000000000}
 *      └────── code ───────┘ └───────────── message ────────────┘ └──────── hint ───────────┘ └──────── details ────────┘
 *
 * Redis's own errors keep Redis's texts.
 */
import { DsError, type ErrorContext, type ErrorDetail, type ErrorKind } from '../../errors.js';
import { error, type TaggedReply } from './reply.js';

export function errorReplyOf(failure: DsError): TaggedReply {
  const hint = failure.hint === undefined ? '' : ` (hint: ${failure.hint})`;
  const details = Object.keys(failure.details).length === 0 ? '' : ` ${JSON.stringify(failure.details)}`;
  return error(failure.code.toUpperCase(), `${failure.message}${hint}${details}`);
}

/**
 * The DsError that {@link errorReplyOf} sent, or undefined when the text has no code that `kindOf` knows.
 * `text` is the error reply without its leading minus.
 */
export function errorFromReply(text: string, kindOf: (code: string) => ErrorKind | undefined): DsError | undefined {
  const space = text.indexOf(' ');
  const code = (space < 0 ? text : text.slice(0, space)).toLowerCase();
  const kind = kindOf(code);
  if (kind === undefined) return undefined;
  const { rest, details } = splitDetails(space < 0 ? '' : text.slice(space + 1));
  const hint = / \(hint: (.*)\)$/s.exec(rest);
  const message = hint === null ? rest : rest.slice(0, hint.index);
  const context: ErrorContext = {
    ...(hint?.[1] === undefined ? {} : { hint: hint[1] }),
    ...(details === undefined ? {} : { details }),
  };
  return new DsError(code, kind, message, context);
}

function splitDetails(text: string): { rest: string; details?: Record<string, ErrorDetail> } {
  const start = text.endsWith('}') ? text.lastIndexOf(' {') : -1;
  if (start < 0) return { rest: text };
  try {
    const parsed: unknown = JSON.parse(text.slice(start + 1));
    if (!isDetails(parsed)) return { rest: text };
    return { rest: text.slice(0, start), details: parsed };
  } catch {
    return { rest: text };
  }
}

const isDetails = (value: unknown): value is Record<string, ErrorDetail> =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((item) => ['string', 'number', 'boolean'].includes(typeof item));

/** Names and arguments in Redis's messages are cut at this many bytes. */
const SHOWN_BYTES = 128;

/** As Redis 7.0, the space at the end included. */
export function unknownCommand(name: string, args: readonly Buffer[]): TaggedReply {
  let shown = '';
  for (const arg of args) {
    if (shown.length >= SHOWN_BYTES) break;
    shown += `'${arg.toString('latin1', 0, SHOWN_BYTES - shown.length)}' `;
  }
  return rawError(`unknown command '${name.slice(0, SHOWN_BYTES)}', with args beginning with: ${shown}`);
}

export const unknownSubcommand = (command: string, subcommand: Buffer): TaggedReply =>
  rawError(`unknown subcommand '${subcommand.toString('latin1', 0, SHOWN_BYTES)}'. Try ${command.toUpperCase()} HELP.`);

/** As Redis 7.0 tells it of some subcommands. */
export const wrongSubcommandArity = (command: string, subcommand: Buffer): TaggedReply =>
  rawError(
    `unknown subcommand or wrong number of arguments for '${subcommand.toString('latin1', 0, SHOWN_BYTES)}'. ` +
      `Try ${command.toUpperCase()} HELP.`,
  );

/** `command` in lower case; a subcommand as `client|setname`. */
export const wrongArity = (command: string): TaggedReply =>
  error('ERR', `wrong number of arguments for '${command}' command`);

export const syntaxError: TaggedReply = error('ERR', 'syntax error');
export const notAnInteger: TaggedReply = error('ERR', 'value is not an integer or out of range');
export const noAuth: TaggedReply = error('NOAUTH', 'Authentication required.');
export const wrongPassword: TaggedReply = error('WRONGPASS', 'invalid username-password pair or user is disabled.');
export const maxClientsReached: TaggedReply = error('ERR', 'max number of clients reached');
export const internalError: TaggedReply = error('ERR', 'internal error');

/** An error whose text came from outside as bytes, one character each: sent back as the same bytes. */
function rawError(bytes: string): TaggedReply {
  return { type: 'raw', bytes: Buffer.from(`-ERR ${bytes.replace(/[\r\n]/g, ' ')}\r\n`, 'latin1') };
}
