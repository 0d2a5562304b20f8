/** Flags of the commands that ask, as data; the functions beside them read their values. */
import type { TextFlag } from '../../../platform/config/text-flag.js';
import type { Asked } from '../ask.js';
import { logErrors } from '../errors.js';
import type { LogTarget } from '../log-context.js';
import { readQuery } from './query.js';

/** Which time; `readTimeRange()` reads it. */
const rangeFlags = {
  since: {
    value: 'TIME',
    about: 'only from then on: 1h is an hour ago; 2026-01-31T12:00:00Z, or seconds to nanoseconds since 1970',
    byDefault: 'an hour ago; of files all',
  },
  until: { value: 'TIME', about: 'only before then', byDefault: 'now' },
} as const satisfies Readonly<Record<string, TextFlag>>;

/** Of a server. */
const serverFlags = {
  tenant: { value: 'NAME', about: 'tenant to ask for or write to: X-Scope-OrgID of a server' },
  'token-file': {
    value: 'FILE',
    about: 'file with the token for a server in its first line',
    byDefault: '$DS_LOG_TOKEN',
  },
} as const satisfies Readonly<Record<string, TextFlag>>;

/** Of files. */
const fileFlags = {
  timezone: {
    value: 'ZONE',
    about: 'of timestamps in files that do not say theirs: Europe/Berlin, +02:00',
    byDefault: 'UTC',
  },
} as const satisfies Readonly<Record<string, TextFlag>>;

/** Of what is asked. */
export const askFlags = { ...rangeFlags, ...fileFlags, ...serverFlags } as const;

export const directions = ['forward', 'backward'] as const;

/** What askFlags and the flags of a target parse to. */
export interface AskFlagValues {
  readonly db?: string | undefined;
  readonly url?: string | undefined;
  readonly tenant?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly timezone?: string | undefined;
}

/**
 * The query, and what it is asked of: the words behind it are files, and without any it is the target. Error: `log.bad_target` where both
 * were given.
 */
export function readAsked(
  words: readonly unknown[],
  flags: AskFlagValues,
  target: LogTarget,
): { readonly query: string; readonly asked: Asked } {
  const [query = '', ...files] = words.map(String);
  const flag = flags.db === undefined ? (flags.url === undefined ? undefined : '--url') : '--db';
  if (files.length > 0 && flag !== undefined) {
    throw logErrors.error('log.bad_target', `files are asked, or a store: ${files[0]} and ${flag} were given`, {
      hint: 'a text of several words is one argument: ds log query "connection reset"',
    });
  }
  const { tenant, timezone, 'token-file': tokenFile } = flags;
  return {
    query: readQuery(query),
    asked: { files, target, tenant, tokenFile, timezone, mustExist: flags.db !== undefined },
  };
}
