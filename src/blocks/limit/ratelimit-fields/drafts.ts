/** RateLimit-Policy and RateLimit, as drafts 7 to 11 have them. Both names were kept while their values changed. */
import {
  type BareItem,
  type Item,
  type Parameters,
  parseDictionary,
  parseList,
  Token,
} from '../../../platform/protocol/structured-fields.js';
import type { Declared, Findings } from './declared.js';
import { shown } from './times.js';

/** A policy's item is its name (`"burst";q=100;w=60`) or, in draft 7 and before, its quota (`100;w=60`). */
export function readModernPolicies(text: string | undefined, findings: Findings): void {
  for (const item of listItems('RateLimit-Policy', text, findings)) {
    const [value, parameters] = item;
    const name = nameOf(value);
    // Drafts before 8 call the quota nothing; proposals between them, and servers that follow those, call it l.
    const limit = name === undefined ? count(value) : (count(parameters.get('q')) ?? count(parameters.get('l')));
    if (limit === undefined) {
      findings.notes.push('a policy in RateLimit-Policy has no quota');
      continue;
    }
    const seconds = count(parameters.get('w'));
    const unit = nameOf(parameters.get('qu'));
    const burst = burstOf(parameters);
    findings.limits.push({
      form: name === undefined ? 'draft-7' : 'draft-8-to-11',
      name: name ?? '',
      limit,
      ...(seconds !== undefined && seconds > 0 && { windowMs: seconds * 1000 }),
      ...(unit !== undefined && { unit }),
      ...(burst !== undefined && { burst }),
      ...partitionOf(parameters),
    });
  }
}

/** `"burst";r=50;t=30`, or the dictionary of draft 7. Joins what RateLimit-Policy said of the same policy. */
export function readRateLimit(text: string | undefined, findings: Findings): void {
  if (text === undefined) return;
  if (/(?:^|[\s,])(?:limit|remaining|reset)\s*=/.test(text)) readDictionary(text, findings);
  else readServiceLimits(text, findings);
}

function readServiceLimits(text: string, findings: Findings): void {
  for (const [value, parameters] of listItems('RateLimit', text, findings)) {
    const name = nameOf(value);
    const remaining = count(parameters.get('r'));
    if (name === undefined || remaining === undefined) {
      findings.notes.push('a limit in RateLimit has no name, or no remaining quota');
      continue;
    }
    const seconds = count(parameters.get('t'));
    const partition = partitionOf(parameters);
    join(findings, 'draft-8-to-11', (other) => other.name === name && other.partition === partition.partition, {
      name,
      remaining,
      ...(seconds !== undefined && { resetMs: seconds * 1000 }),
      ...partition,
    });
  }
}

function readDictionary(text: string, findings: Findings): void {
  let members: Map<string, Item>;
  try {
    members = new Map(
      [...parseDictionary(text)].filter((entry): entry is [string, Item] => !Array.isArray(entry[1][0])),
    );
  } catch {
    findings.notes.push(`RateLimit cannot be read: ${shown(text)}`);
    return;
  }
  const limit = count(members.get('limit')?.[0]);
  const remaining = count(members.get('remaining')?.[0]);
  const seconds = count(members.get('reset')?.[0]);
  // It tells one of the policies: the one with its limit.
  join(findings, 'draft-7', (other) => limit === undefined || other.limit === limit, {
    name: '',
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(seconds !== undefined && { resetMs: seconds * 1000 }),
  });
}

function join(
  { limits }: Findings,
  form: Declared['form'],
  isSame: (other: Declared) => boolean,
  told: Omit<Declared, 'form'>,
): void {
  const index = limits.findIndex((other) => other.form === form && other.remaining === undefined && isSame(other));
  const known = limits[index];
  if (known === undefined) limits.push({ form, ...told });
  else limits[index] = { ...known, ...told, name: known.name };
}

function listItems(field: string, text: string | undefined, { notes }: Findings): Item[] {
  if (text === undefined) return [];
  try {
    return parseList(text).filter((member): member is Item => !Array.isArray(member[0]));
  } catch {
    notes.push(`${field} cannot be read: ${shown(text)}`);
    return [];
  }
}

function nameOf(value: BareItem | undefined): string | undefined {
  if (value instanceof Token) return value.toString();
  return typeof value === 'string' ? value : undefined;
}

function count(value: BareItem | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

/** `acme-burst`: the draft leaves it to each server, with its own prefix. */
function burstOf(parameters: Parameters): number | undefined {
  for (const [key, value] of parameters) if (key === 'burst' || key.endsWith('-burst')) return count(value);
  return undefined;
}

function partitionOf(parameters: Parameters): { readonly partition?: string } {
  const key = parameters.get('pk');
  return key instanceof ArrayBuffer ? { partition: Buffer.from(key).toString('base64') } : {};
}
