/** Where jobs and runs are: a SQLite file, a daemon (http://, https://), or a PostgreSQL. */
import { cronErrors } from './errors.js';

export type CronTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** Of the daemon that is asked; undefined where the file or the PostgreSQL is opened by this process. */
export function daemonUrl(target: CronTarget): string | undefined {
  return target.kind === 'url' && /^https?:/i.test(target.url) ? target.url : undefined;
}

/**
 * Of the PostgreSQL that a URL names, for what needs the store itself. Error: `cron.bad_url` for a daemon, which lends its store to nobody,
 * and for all else. @param hint what to write instead
 */
export function databaseUrl({ url }: { readonly url: string }, hint: string): string {
  if (/^postgres(?:ql)?:/i.test(url)) return url;
  const { protocol } = new URL(url);
  const why = /^https?:$/.test(protocol)
    ? 'is a daemon, which carries runs out itself: it lends its store to nobody'
    : 'is no place where jobs can be';
  throw cronErrors.error('cron.bad_url', `${protocol}// ${why}`, { hint, details: { protocol } });
}

/** The hint for a command whose URL is of no store. @param given by a flag; absent: the URL is that of the environment */
export function databaseHint(command: string, given: string | undefined): string {
  return given === undefined
    ? `DS_CRON_URL= ds cron ${command}`
    : 'leave --url out, or give one like postgres://HOST/NAME';
}
