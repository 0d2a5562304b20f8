/** Flags of commands as what the store is asked for. */
import type { Conditions, PutOptions } from '../key-value-store.js';
import { typedBytes } from './typed-bytes.js';

export interface ConditionFlags {
  readonly 'if-equals'?: string | undefined;
  readonly 'if-revision'?: number | undefined;
}

export function readConditions({ 'if-equals': equals, 'if-revision': ifRevision }: ConditionFlags): Conditions {
  return {
    ...(equals === undefined ? {} : { ifEquals: typedBytes(equals) }),
    ...(ifRevision === undefined ? {} : { ifRevision }),
  };
}

export function readPutOptions(
  flags: ConditionFlags & { readonly ttl?: number | undefined; readonly 'if-absent'?: boolean },
): PutOptions {
  const { ttl, 'if-absent': ifAbsent = false } = flags;
  return { ...readConditions(flags), ifAbsent, ...(ttl === undefined ? {} : { ttlMs: ttl }) };
}
