/** `--db` and `--url`: which store, which server. */
import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { blockDatabase } from '../paths.js';
import type { CommandContext } from './context.js';
import { invalidValue } from './flags.js';

export type Target = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'url'; readonly url: string };

function urlVariable(block: string): string {
  return `DS_${block.toUpperCase()}_URL`;
}

/** Spread into a command's flags: `static override flags = { ...targetFlags('seq') }`. */
export function targetFlags(block: string) {
  return {
    db: Flags.string({
      description: `SQLite file to use (default: $DS_HOME/${block}.db)`,
      helpValue: 'PATH',
      helpGroup: 'TARGET',
      exclusive: ['url'],
    }),
    url: Flags.string({
      description: `server to use instead of a file (default: $${urlVariable(block)})`,
      helpValue: 'URL',
      helpGroup: 'TARGET',
      exclusive: ['db'],
    }),
  };
}

/**
 * What a command that is to be pasted needs behind it to find the same store: ` --db 'my file.db'`, or nothing. A URL with a
 * password is not repeated on the screen.
 */
export function sameTarget({
  db,
  url,
}: {
  readonly db?: string | undefined;
  readonly url?: string | undefined;
}): string {
  if (db !== undefined) return ` --db ${quoteForShell(db)}`;
  if (url === undefined) return '';
  return URL.canParse(url) && new URL(url).password !== '' ? ' --url URL' : ` --url ${quoteForShell(url)}`;
}

/** As a POSIX shell reads it back; plain words stay as they are. */
export function quoteForShell(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Any block that keeps its state in a Redis can be told so. */
const USUAL_URL = 'redis://127.0.0.1:6379';

/**
 * `--url`, `--db`, `DS_<BLOCK>_URL`, the block's file: the first that is given. `exampleUrl` is what a URL that cannot be
 * read should look like: the address of the block's own daemon.
 */
export function resolveTarget(
  flags: { readonly db?: string | undefined; readonly url?: string | undefined },
  block: string,
  context: CommandContext,
  exampleUrl = USUAL_URL,
): Target {
  if (flags.db !== undefined) {
    if (flags.db === '') throw invalidValue('--db', '', 'a path');
    return { kind: 'file', path: resolve(flags.db) };
  }
  const variable = urlVariable(block);
  const url = flags.url ?? (context.env[variable] || undefined);
  if (url === undefined) return { kind: 'file', path: blockDatabase(context.home, block) };
  if (!URL.canParse(url) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    throw invalidValue(flags.url === undefined ? variable : '--url', url, 'a URL', `write it as ${exampleUrl}`);
  }
  return { kind: 'url', url };
}
