/** `--db` and `--url`: which store, which server. */
import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { blockDatabase } from '../paths.js';
import { quoteForShell } from '../quote-for-shell.js';
import type { CommandContext } from './context.js';
import { cliErrors } from './errors.js';
import { invalidValue } from './flags.js';

export type Target = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'url'; readonly url: string };

function urlVariable(block: string): string {
  return `DS_${block.toUpperCase()}_URL`;
}

function dbFlag(block: string, exclusive: string[]) {
  return Flags.string({
    description: `SQLite file to use (default: $DS_HOME/${block}.db)`,
    helpValue: 'PATH',
    helpGroup: 'TARGET',
    exclusive,
  });
}

/** Spread into a command's flags: `static override flags = { ...targetFlags('seq') }`. */
export function targetFlags(block: string) {
  return {
    db: dbFlag(block, ['url']),
    url: Flags.string({
      description: `server to use instead of a file (default: $${urlVariable(block)})`,
      helpValue: 'URL',
      helpGroup: 'TARGET',
      exclusive: ['db'],
    }),
  };
}

/**
 * `--db` alone, for commands that work on a file only. `--url` is understood, in order to be refused with the reason why no
 * server can be asked: `dynamic update (RFC 2136) is not there yet`.
 */
export function fileFlags(block: string, reason: string) {
  return {
    db: dbFlag(block, []),
    url: Flags.string({
      hidden: true,
      parse: async (url) => {
        throw cliErrors.error('usage.conflict', `there is no --url here: ${reason}`, {
          hint: `use the server's file on its machine: --db PATH`,
          details: { flag: '--url', value: url },
        });
      },
    }),
  };
}

/** The file that {@link fileFlags} name, absolute. */
export function resolveFile(
  { db }: { readonly db?: string | undefined },
  block: string,
  context: Pick<CommandContext, 'home'>,
): string {
  if (db === undefined) return blockDatabase(context.home, block);
  if (db === '') throw invalidValue('--db', '', 'a path');
  return resolve(db);
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
  if (flags.db !== undefined) return { kind: 'file', path: resolveFile(flags, block, context) };
  const variable = urlVariable(block);
  const url = flags.url ?? (context.env[variable] || undefined);
  if (url === undefined) return { kind: 'file', path: resolveFile({}, block, context) };
  if (!URL.canParse(url) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    throw invalidValue(flags.url === undefined ? variable : '--url', url, 'a URL', `write it as ${exampleUrl}`);
  }
  return { kind: 'url', url };
}

/** Of commands that take something from one place to another: `--to-db` and `--to-url` name the other one. */
export function toTargetFlags() {
  return {
    'to-db': Flags.string({
      description: 'SQLite file to write to, where it is another one',
      helpValue: 'PATH',
      helpGroup: 'TARGET',
      exclusive: ['to-url'],
    }),
    'to-url': Flags.string({
      description: 'server to write to, where it is another one',
      helpValue: 'URL',
      helpGroup: 'TARGET',
    }),
  };
}

/** What {@link toTargetFlags} name; `from` where they name nothing. */
export function resolveToTarget(
  flags: { readonly 'to-db'?: string | undefined; readonly 'to-url'?: string | undefined },
  from: Target,
  block: string,
  context: CommandContext,
  exampleUrl = USUAL_URL,
): Target {
  const { 'to-db': db, 'to-url': url } = flags;
  return db === undefined && url === undefined ? from : resolveTarget({ db, url }, block, context, exampleUrl);
}
