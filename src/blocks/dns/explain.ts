/**
 * Why a name is answered as it is, from what the file knows: the zones and their records, the health of targets as the daemon
 * last noted it, and what was kept of answers from elsewhere; and of the daemons that run, which ds.test has.
 */
import type { Clock } from '../../platform/clock.js';
import type { RegistryEntry } from '../../platform/daemon/registry.js';
import type { CacheEntry } from './cache/entry.js';
import { openEntry } from './cache/make-entry.js';
import { TargetOverlay } from './discovery/overlay.js';
import { targetKey } from './discovery/target.js';
import type { Name } from './name.js';
import { type Question, type RRset, recordsOf } from './record.js';
import { type RecordFields, recordFields } from './record-fields.js';
import { daemonZone, withDaemons } from './server/discovery/daemon-zone.js';
import type { DnsStore } from './store.js';
import { rcodeName, typeName } from './wire.js';
import { type LookupResult, lookup } from './zone/lookup.js';

export interface Explanation {
  readonly name: string;
  readonly type: string;
  /** `nowhere`: no zone here, and nothing was kept. */
  readonly source: 'zone' | 'cache' | 'nowhere';
  readonly rcode: string | undefined;
  /** In order; each a word of its own and a sentence. */
  readonly steps: readonly { readonly kind: string; readonly text: string }[];
  readonly answers: readonly RecordFields[];
}

/** `first` decides among targets of one tier: who comes first is chance in each answer. */
const first = () => 0.5;

export function explain(
  store: DnsStore,
  question: Question,
  clock: Clock,
  daemons: readonly RegistryEntry[] = [],
): Explanation {
  const targets = store.targets.list();
  const health = new Map(targets.map((target) => [targetKey(target), target.health]));
  const overlay = new TargetOverlay(targets, (key) => health.get(key));
  const select = (set: RRset) => overlay.select(set, first);
  // The daemon counts serials of its own, from the time it began: the SOA record is this zone's in all but that.
  const beside = daemonZone(daemons, Math.floor(clock.now() / 1000) % 2 ** 32);
  const found = store.zones.reading((zones) => lookup(withDaemons(zones, beside), question, { select }));
  const asked = { name: question.name.toString(), type: typeName(question.type) };
  return { ...asked, ...(found === undefined ? fromCache(store, question, clock) : fromZones(found)) };
}

type Found = Omit<Explanation, 'name' | 'type'>;

function fromZones({ steps, rcode, answers }: LookupResult): Found {
  return {
    source: 'zone',
    rcode: rcodeName(rcode),
    steps: steps.map(({ kind, text }) => ({ kind, text })),
    answers: answers.flatMap(recordsOf).map(recordFields),
  };
}

function fromCache({ cache }: DnsStore, question: Question, clock: Clock): Found {
  const outside = { kind: 'outside', text: `${question.name} is in no zone here` };
  const now = clock.now();
  const [kept] = cache
    .list({ name: question.name, type: question.type })
    .filter((one) => one.question.name.equals(question.name) && one.staleUntil > now);
  const entry = kept ?? denialAbove(cache, question.name, now);
  const message = entry && openEntry(entry);
  if (entry === undefined || message === undefined) {
    const text = 'no answer from elsewhere is kept; with --forward, ds dns serve would ask';
    return { source: 'nowhere', rcode: undefined, steps: [outside, { kind: 'not-kept', text }], answers: [] };
  }
  const above = kept === undefined ? [cutStep(entry, question.name)] : [];
  return {
    source: 'cache',
    rcode: rcodeName(message.rcode),
    steps: [outside, ...above, { kind: 'kept', text: lifeOf(entry, now) }],
    answers: message.answers.map(recordFields),
  };
}

/** A name above that does not exist: then neither does what is below it (RFC 8020). */
function denialAbove(cache: DnsStore['cache'], name: Name, now: number): CacheEntry | undefined {
  for (let above = name.parent(); !above.isRoot; above = above.parent()) {
    const denial = cache
      .list({ name: above })
      .find((one) => one.kind === 'nxdomain' && one.question.name.equals(above) && one.expiresAt > now);
    if (denial !== undefined) return denial;
  }
  return undefined;
}

function cutStep({ question }: CacheEntry, name: Name) {
  return { kind: 'nxdomain-cut', text: `${question.name} does not exist, so neither does ${name} (RFC 8020)` };
}

function lifeOf({ upstream, storedAt, expiresAt }: CacheEntry, now: number): string {
  const seconds = (ms: number) => `${Math.max(0, Math.round(ms / 1000))} s`;
  const life =
    expiresAt > now
      ? `fresh for ${seconds(expiresAt - now)} more`
      : `stale since ${seconds(now - expiresAt)}, given while upstream is away (RFC 8767)`;
  return `kept from ${upstream} ${seconds(now - storedAt)} ago, ${life}`;
}
