/**
 * The column of structured metadata. Entries mostly have the same names in the same order (a shape), and values of one name are like each
 * other: so they lie by name.
 *
 *     names      count, then length and bytes of each
 *     shapes     count, then for each its number of names, and the names
 *     of entry   shape + 1, or 0 for none
 *     values     name by name, in order of entries: first the lengths, then the bytes
 */
import { emptyLabels, type Labels } from '../../labels.js';
import { type ByteReader, type ByteWriter, DamagedBytes } from './bytes.js';

type Metadata = readonly (Labels | undefined)[];

interface Shape {
  readonly number: number;
  readonly names: readonly number[];
}

/** `null` between names of a key: none has one. */
const SEPARATOR = '\0';

export function writeMetadata(writer: ByteWriter, metadata: Metadata, order: Uint32Array): void {
  const values = new Map<string, string[]>();
  const shapes = new Map<string, Shape>();
  const shapeOf = new Uint32Array(order.length);
  const numbers = new Map<string, number>();
  for (let i = 0; i < order.length; i++) {
    const labels = metadata[order[i] ?? 0];
    if (labels === undefined) continue;
    const names = Object.keys(labels);
    shapeOf[i] = shapeFor(shapes, numbers, names).number + 1;
    for (const name of names) {
      const column = values.get(name);
      const value = labels[name] ?? '';
      if (column === undefined) values.set(name, [value]);
      else column.push(value);
    }
  }
  writer.varint(numbers.size);
  for (const name of numbers.keys()) writeText(writer, name);
  writer.varint(shapes.size);
  for (const { names } of shapes.values()) {
    writer.varint(names.length);
    for (const name of names) writer.varint(name);
  }
  for (const shape of shapeOf) writer.varint(shape);
  for (const name of numbers.keys()) writeColumn(writer, values.get(name) ?? []);
}

function shapeFor(shapes: Map<string, Shape>, numbers: Map<string, number>, names: readonly string[]): Shape {
  const key = names.join(SEPARATOR);
  let shape = shapes.get(key);
  if (shape === undefined) {
    for (const name of names) if (!numbers.has(name)) numbers.set(name, numbers.size);
    shape = { number: shapes.size, names: names.map((name) => numbers.get(name) ?? 0) };
    shapes.set(key, shape);
  }
  return shape;
}

function writeColumn(writer: ByteWriter, values: readonly string[]): void {
  for (const value of values) writer.varint(Buffer.byteLength(value));
  for (const value of values) writer.text(value);
}

function writeText(writer: ByteWriter, text: string): void {
  writer.varint(Buffer.byteLength(text));
  writer.text(text);
}

export function readMetadata(reader: ByteReader, count: number): Metadata {
  const names = Array.from({ length: reader.count() }, () => reader.text(reader.varint()));
  const shapes = Array.from({ length: reader.count() }, () => readShape(reader, names.length));
  const shapeOf = new Uint32Array(count);
  const valuesOf = new Uint32Array(names.length);
  for (let i = 0; i < count; i++) {
    const shape = reader.varint();
    if (shape > shapes.length) throw new DamagedBytes(`shape ${shape} of metadata is not there`);
    shapeOf[i] = shape;
    for (const name of shapes[shape - 1] ?? []) valuesOf[name] = (valuesOf[name] ?? 0) + 1;
  }
  const columns = names.map((_, name) => readColumn(reader, valuesOf[name] ?? 0));
  const next = new Uint32Array(names.length);
  const metadata: (Labels | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    const shape = shapes[(shapeOf[i] ?? 0) - 1];
    metadata.push(shape && labelsOf(shape, names, columns, next));
  }
  return metadata;
}

function labelsOf(
  shape: readonly number[],
  names: readonly string[],
  columns: readonly (readonly string[])[],
  next: Uint32Array,
): Labels {
  const labels = emptyLabels();
  for (const name of shape) {
    const index = next[name] ?? 0;
    next[name] = index + 1;
    labels[names[name] ?? ''] = columns[name]?.[index] ?? '';
  }
  return labels;
}

function readShape(reader: ByteReader, names: number): readonly number[] {
  return Array.from({ length: reader.count() }, () => {
    const name = reader.varint();
    if (name >= names) throw new DamagedBytes(`name ${name} of metadata is not there`);
    return name;
  });
}

function readColumn(reader: ByteReader, count: number): string[] {
  reader.need(count);
  const lengths = new Float64Array(count);
  for (let i = 0; i < count; i++) lengths[i] = reader.varint();
  const values: string[] = [];
  for (const length of lengths) values.push(reader.text(length));
  return values;
}
