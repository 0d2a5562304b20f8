/**
 * Replies as command handlers return them. Plain values stand for the common types; the rest has a constructor:
 *
 *     value                  RESP2            RESP3
 *     number, bigint         :1               :1
 *     string, Buffer         $5 hello         $5 hello
 *     null                   $-1              _
 *     boolean                :1 / :0          #t / #f
 *     array                  *2 …             *2 …
 *     simple('OK')           +OK              +OK
 *     error('ERR', 'no')     -ERR no          -ERR no
 *     map([[k, v], …])       *4 k v …         %2 k v …
 *     set([…])               *2 …             ~2 …
 *     double(1.5)            $3 1.5           ,1.5
 *     bigNumber(2n ** 70n)   $22 1180…        (1180…
 *     verbatim('txt', '…')   $… …             =… txt:…
 *     push([…])              *2 …             >2 …
 *     bytes('\xff\0')        $2 …             $2 …
 *     nullArray              *-1              _
 *     raw(bytes)             the bytes        the bytes
 */
export type Reply = number | bigint | string | Buffer | null | boolean | readonly Reply[] | TaggedReply;

export type TaggedReply =
  | { readonly type: 'simple'; readonly text: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Reply, Reply])[] }
  | { readonly type: 'set'; readonly items: readonly Reply[] }
  | { readonly type: 'push'; readonly items: readonly Reply[] }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bigNumber'; readonly value: bigint }
  | { readonly type: 'verbatim'; readonly format: string; readonly text: string }
  | { readonly type: 'bytes'; readonly text: string }
  | { readonly type: 'nullArray' }
  | { readonly type: 'raw'; readonly bytes: Buffer };

export const simple = (text: string): TaggedReply => ({ type: 'simple', text });
/** `code` is one upper-case word: ERR, NOAUTH, WRONGTYPE. */
export const error = (code: string, message: string): TaggedReply => ({ type: 'error', code, message });
export const map = (entries: readonly (readonly [Reply, Reply])[]): TaggedReply => ({ type: 'map', entries });
export const set = (items: readonly Reply[]): TaggedReply => ({ type: 'set', items });
export const push = (items: readonly Reply[]): TaggedReply => ({ type: 'push', items });
export const double = (value: number): TaggedReply => ({ type: 'double', value });
export const bigNumber = (value: bigint): TaggedReply => ({ type: 'bigNumber', value });
/** `format` has three characters: `txt` or `mkd`. */
export const verbatim = (format: string, text: string): TaggedReply => ({ type: 'verbatim', format, text });
/** Bytes that are already one whole RESP reply; they are sent without a copy and must not be written to afterwards. */
export const raw = (bytes: Buffer): TaggedReply => ({ type: 'raw', bytes });

/** A bulk string given as a text of one character per byte: written as it is. */
export const bytes = (text: string): TaggedReply => ({ type: 'bytes', text });
/** No array: what RESP2 tells from no value. */
export const nullArray: TaggedReply = { type: 'nullArray' };

/** Whether an answer is an error as a whole. Asked of each: reading a property costs less than asking for it by `in`. */
export function isError(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  const { type } = answer as { readonly type?: unknown };
  return (
    type === 'error' ||
    (type === 'raw' && 'bytes' in answer && Buffer.isBuffer(answer.bytes) && answer.bytes[0] === MINUS)
  );
}

const MINUS = 0x2d;

export const OK: TaggedReply = simple('OK');
