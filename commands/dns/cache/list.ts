import { CACHE_IN_FILE, type CachedFields, loadCache } from '../../../src/blocks/dns/index.js';
import { type Column, countFlag, DsCommand, Flags, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../../src/platform/relative-time.js';

const MOST = 1_000;

export default class DnsCacheList extends DsCommand {
  static override summary = 'list answers of other servers that are kept, and explain each';
  static override description =
    `What ds dns serve --forward has learnt, the newest first: the question, what the answer says, from whom it is, and how long it
lasts. Fresh answers are given to clients. Stale ones are past their time, and given only while the other servers fail (RFC 8767).
An nxdomain also answers for all names below the one that does not exist (RFC 8020). Questions with DO (signatures) and CD
(unchecked) have answers of their own. The daemon writes down what it learns within a second.

Pipes get name, type, kind (answer, nodata, nxdomain), state (fresh, stale, expired), what it says, server, the times it came, it
stops being fresh and it stops being of use, and "do" and "cd" where they were set, between tabs.
--json: {total, entries: [{name, type, class, dnssec_ok, checking_disabled, kind, rcode, state, says, answers: [{name, ttl, type,
data}], upstream, stored_at, expires_at, stale_until, age_ms, ttl_ms}]}; total counts all in the file, ttl_ms is what is left.

Exit codes: 0 done; 2 bad input; 4 the store failed.`;
  static override examples = [
    { description: 'What is kept', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'Of a name and all below it', command: '<%= config.bin %> <%= command.id %> --name shop.test' },
    {
      description: 'How many answers each server gave',
      command: '<%= config.bin %> <%= command.id %> | cut -f6 | sort | uniq -c',
    },
    {
      description: 'Names that do not exist',
      command: "<%= config.bin %> <%= command.id %> | awk -F'\\t' '$3 == \"nxdomain\" {print $1}'",
    },
  ];
  static override flags = {
    ...fileFlags('dns', CACHE_IN_FILE),
    name: Flags.string({ helpValue: 'NAME', description: 'only this name, and all below it' }),
    type: Flags.string({ char: 't', helpValue: 'TYPE', description: 'only questions for this type' }),
    upstream: Flags.string({
      helpValue: 'SERVER',
      description: 'only what this server answered: 192.0.2.1, tls://host',
    }),
    limit: countFlag({ default: MOST, description: 'at most so many' }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(DnsCacheList);
    const dns = await loadCache();
    const filter = dns.readCacheFilter(flags);
    const { clock } = this.context;
    const path = resolveFile(flags, 'dns', this.context);
    const { total, entries } = await dns.withStore(path, clock, ({ cache }) => ({
      total: cache.count(),
      entries: cache.list(filter, { limit: flags.limit }),
    }));
    const now = clock.now();
    const listed = entries.flatMap((entry) => dns.cachedFields(entry, now) ?? []);
    this.out.document({ total, entries: listed.map((entry) => toRecord(entry, now)) }, () => {
      if (listed.length > 0) this.out.table(this.out.isTerminal ? columnsAt(now, listed) : pipeColumns, listed);
      if (!this.out.isTerminal) return;
      if (total === 0) this.out.note('no answer is kept; they come from: ds dns serve --forward SERVER');
      else if (listed.length === 0) this.out.note(`none of ${total.toLocaleString('en-US')} answers is meant`);
      else if (entries.length === flags.limit && total > entries.length)
        this.out.note(
          `the newest ${entries.length.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}; more: --limit`,
        );
    });
  }
}

function toRecord(
  { dnssecOk, checkingDisabled, storedAt, expiresAt, staleUntil, ...entry }: CachedFields,
  now: number,
) {
  return {
    ...entry,
    dnssec_ok: dnssecOk,
    checking_disabled: checkingDisabled,
    stored_at: isoTime(storedAt),
    expires_at: isoTime(expiresAt),
    stale_until: isoTime(staleUntil),
    age_ms: Math.max(0, now - storedAt),
    ttl_ms: Math.max(0, expiresAt - now),
  };
}

const flagsOf = ({ dnssecOk, checkingDisabled }: CachedFields) =>
  [dnssecOk ? 'do' : '', checkingDisabled ? 'cd' : ''].filter((flag) => flag !== '').join(' ');

const pipeColumns: Column<CachedFields>[] = [
  { header: 'name', value: ({ name }) => name },
  { header: 'type', value: ({ type }) => type },
  { header: 'kind', value: ({ kind }) => kind },
  { header: 'state', value: ({ state }) => state },
  { header: 'says', value: ({ says }) => says },
  { header: 'server', value: ({ upstream }) => upstream },
  { header: 'came', value: ({ storedAt }) => isoTime(storedAt) },
  { header: 'fresh until', value: ({ expiresAt }) => isoTime(expiresAt) },
  { header: 'of use until', value: ({ staleUntil }) => isoTime(staleUntil) },
  { header: 'asked with', value: flagsOf },
];

function columnsAt(now: number, listed: readonly CachedFields[]): Column<CachedFields>[] {
  const all: Column<CachedFields>[] = [
    { header: 'name', value: ({ name }) => name, keep: true },
    { header: 'type', value: ({ type }) => type },
    {
      header: 'says',
      value: ({ says }) => says,
      color: ({ kind }) => (kind === 'answer' ? undefined : 'yellow'),
    },
    {
      header: 'fresh',
      value: ({ state }) => state,
      display: ({ state, expiresAt }) => lifeOf(state, expiresAt, now),
      color: ({ state }) => (state === 'fresh' ? 'green' : state === 'stale' ? 'yellow' : 'red'),
    },
    { header: 'came', value: ({ storedAt }) => relativeTime(Math.min(storedAt, now), now) },
    { header: 'from', value: ({ upstream }) => upstream, color: () => 'dim' },
    {
      header: 'stale until',
      value: ({ staleUntil }) => `until ${relativeTime(staleUntil, now)}`,
      display: ({ staleUntil }) => (staleUntil > now ? relativeTime(staleUntil, now) : 'no more'),
      color: () => 'dim',
      optional: true,
    },
  ];
  if (!listed.some((entry) => flagsOf(entry) !== '')) return all;
  return [...all, { header: 'with', value: flagsOf, color: () => 'dim', optional: true }];
}

function lifeOf(state: CachedFields['state'], expiresAt: number, now: number): string {
  if (state === 'fresh') return `for ${relativeTime(expiresAt, now).replace(/^in /, '')}`;
  return `${state}, since ${relativeTime(expiresAt, now).replace(/ ago$/, '')}`;
}
