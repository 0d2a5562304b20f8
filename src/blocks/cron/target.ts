/** Where jobs and runs are: a SQLite file, a daemon (http://, https://), or a PostgreSQL. */
export type CronTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** Of the daemon that is asked; undefined where the file or the PostgreSQL is opened by this process. */
export function daemonUrl(target: CronTarget): string | undefined {
  return target.kind === 'url' && /^https?:/i.test(target.url) ? target.url : undefined;
}

/** Of the PostgreSQL that is opened; undefined for everything else. */
export function databaseUrl(target: CronTarget): string | undefined {
  return target.kind === 'url' && /^postgres(?:ql)?:/i.test(target.url) ? target.url : undefined;
}
