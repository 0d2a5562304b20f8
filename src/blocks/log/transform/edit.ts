/** `drop=FIELD,…`, `rename=OLD:NEW,…`, `set=FIELD:VALUE,…`: changes the structured metadata of entries. Labels of streams stay. */
import type { EntryBatch } from '../entry-batch.js';
import type { Labels } from '../labels.js';
import { copyMetadata } from './columns.js';
import { Fields } from './metadata.js';
import type { Transform, TransformOutput } from './transform.js';

/** Undefined where nothing is left; the same object where nothing is changed. */
type Edit = (metadata: Labels | undefined) => Labels | undefined;

class EditTransform implements Transform {
  constructor(
    readonly name: string,
    readonly about: string,
    private readonly edit: Edit,
  ) {}

  apply(batch: EntryBatch): TransformOutput {
    let metadata: (Labels | undefined)[] | undefined;
    for (let i = 0; i < batch.count; i++) {
      const before = batch.metadata?.[i];
      const after = this.edit(before);
      if (after === before) continue;
      metadata ??= copyMetadata(batch);
      metadata[i] = after;
    }
    return { batch: metadata === undefined ? batch : { ...batch, metadata } };
  }
}

export function dropFields(names: readonly string[]): Transform {
  const unwanted = new Set(names);
  return new EditTransform(`drop ${names.join(',')}`, `drops the fields ${names.join(', ')}`, (metadata) => {
    if (metadata === undefined || !names.some((name) => metadata[name] !== undefined)) return metadata;
    const fields = new Fields();
    for (const name of Object.keys(metadata)) if (!unwanted.has(name)) fields.set(name, metadata[name] ?? '');
    return fields.labels();
  });
}

export type Pair = readonly [name: string, value: string];

/** A field that has the new name already is replaced. */
export function renameFields(pairs: readonly Pair[]): Transform {
  const text = pairs.map(([from, to]) => `${from}:${to}`).join(',');
  const names = new Map(pairs);
  const about = `renames fields: ${pairs.map(([from, to]) => `${from} to ${to}`).join(', ')}`;
  return new EditTransform(`rename ${text}`, about, (metadata) => {
    if (metadata === undefined || !pairs.some(([from]) => metadata[from] !== undefined)) return metadata;
    const fields = new Fields();
    for (const name of Object.keys(metadata)) if (!names.has(name)) fields.set(name, metadata[name] ?? '');
    for (const [from, to] of pairs) {
      const value = metadata[from];
      if (value !== undefined) fields.set(to, value);
    }
    return fields.labels();
  });
}

export function setFields(pairs: readonly Pair[]): Transform {
  const text = pairs.map(([name, value]) => `${name}:${value}`).join(',');
  return new EditTransform(`set ${text}`, `sets fields: ${text}`, (metadata) => {
    const fields = new Fields(metadata);
    for (const [name, value] of pairs) fields.set(name, value);
    return fields.labels();
  });
}
