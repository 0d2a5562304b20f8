/**
 * ds.yaml: which blocks `ds up` runs, and how.
 *
 *     blocks:
 *       seq:
 *         listen: 127.0.0.1:6390     # an option is called what the flag of `ds seq serve` is called
 *
 * Read strictly: a key that nobody knows is an error with its line and the nearest known key, because a misspelt option
 * that is silently ignored is found months later.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { codeOf, DsError, messageOf, whyUnreadable } from '../errors.js';
import { configErrors } from './errors.js';
import { camel, checkOptions, isList, kebab, type OptionSchema, type OptionSpec, unknownKey } from './options.js';

export const CONFIG_NAME = 'ds.yaml';

export interface ConfiguredBlock {
  readonly name: string;
  /** Lower-camel-case keys, each checked. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the reader must know of the blocks; the platform knows none itself. */
export type SchemaSource = Readonly<Record<string, () => Promise<OptionSchema>>>;

/** A configuration is text; one that is longer than this is something else. */
const LONGEST_TEXT = 1024 * 1024;
/** How often anchors of a tree may be made use of, those within others multiplied. */
const MOST_ALIASES = 100;

/**
 * The blocks of the file named, else of `ds.yaml` in `folder`; undefined when that does not exist.
 * Errors: `config.not_found` (only for a file that was named), `config.invalid` (details: path, line).
 */
export async function loadConfig(
  named: string | undefined,
  folder: string,
  schemas: SchemaSource,
): Promise<ConfiguredBlock[] | undefined> {
  const path = named ?? join(folder, CONFIG_NAME);
  if (named === undefined && !(await exists(path))) return undefined;
  return readConfig(await readNamed(path), path, schemas);
}

/**
 * The section of one block of the file named, whatever the others say; an option of kind `tree` as plain values. Undefined where the file has
 * no such block. Errors: as of {@link loadConfig}.
 */
export async function loadBlockConfig(
  path: string,
  block: string,
  schema: OptionSchema,
): Promise<ConfiguredBlock | undefined> {
  const reader = new ConfigReader(await readNamed(path), path);
  const blocks = reader.entries(reader.root, 'the file').find(([key]) => key === 'blocks');
  const section = reader.entries(blocks?.[1] ?? null, 'blocks').find(([name]) => name === block);
  return section && { name: block, options: readOptions(reader, block, section[1], schema) };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
}

async function readNamed(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw configErrors.error('config.not_found', `${path} cannot be read: ${whyUnreadable(cause)}`, {
      hint: 'ds init',
      cause,
    });
  }
}

/** Error: `config.invalid` (details: path, line). */
export async function readConfig(text: string, path: string, schemas: SchemaSource): Promise<ConfiguredBlock[]> {
  const reader = new ConfigReader(text, path);
  const blocks: ConfiguredBlock[] = [];
  for (const [key, value, pair] of reader.entries(reader.root, 'the file')) {
    if (key !== 'blocks') throw reader.at(pair, unknownKey(key, ['blocks']));
    for (const [name, options, blockPair] of reader.entries(value, 'blocks')) {
      const loadSchema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
      if (loadSchema === undefined) throw reader.at(blockPair, unknownBlock(name, Object.keys(schemas)));
      blocks.push({ name, options: readOptions(reader, name, options, await loadSchema()) });
    }
  }
  return blocks;
}

function readOptions(
  reader: ConfigReader,
  block: string,
  node: unknown,
  schema: OptionSchema,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [key, value, pair] of reader.entries(node, block)) {
    const name = camel(key);
    try {
      const spec = kebab(name) === key && Object.hasOwn(schema, name) ? schema[name] : undefined;
      if (spec === undefined) throw unknownKey(key, Object.keys(schema).map(kebab));
      const given = spec.kind === 'tree' ? reader.plain(value) : readValue(key, spec, value);
      checkOptions({ [name]: spec }, { [name]: given });
      options[name] = spec.kind === 'path' || spec.kind === 'paths' ? reader.paths(given) : given;
    } catch (error) {
      throw error instanceof DsError ? reader.at(pair, error) : error;
    }
  }
  return options;
}

/** Not checked yet. Error: `config.invalid` for a list or a mapping where the option takes none. */
function readValue(key: string, spec: OptionSpec, node: unknown): unknown {
  if (isScalar(node)) return node.value;
  const items = isList(spec) && isSeq(node) ? node.items : undefined;
  if (items?.every(isScalar)) return items.map((item) => item.value);
  const wanted = isList(spec) ? 'a list of values, or one' : 'a single value';
  throw configErrors.error('config.invalid', `${key} needs ${wanted}`);
}

function unknownBlock(name: string, known: readonly string[]): DsError {
  const { hint, details } = unknownKey(name, known);
  return configErrors.error('config.invalid', `there is no block "${name}"`, {
    ...(hint !== undefined && { hint }),
    details,
  });
}

type Entry = readonly [key: string, value: unknown, pair: Pair<unknown, unknown>];

/** The syntax tree with line numbers. */
class ConfigReader {
  readonly root: Node | null;
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(text: string, path: string) {
    this.#path = path;
    if (text.length > LONGEST_TEXT) throw this.#error(undefined, `it is longer than ${LONGEST_TEXT} characters`);
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    this.#document = document;
    const [problem] = document.errors;
    if (problem !== undefined) throw this.#error(this.#lines.linePos(problem.pos[0]).line, problem.message);
    this.root = document.contents;
  }

  /** The pairs of a mapping; an empty value is an empty mapping. */
  entries(node: unknown, what: string): Entry[] {
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (!isMap(node)) throw this.#error(this.#lineOf(node), `${what} must be a mapping of keys to values`);
    return node.items.map((pair): Entry => {
      if (!isScalar(pair.key)) throw this.#error(this.#lineOf(pair.key), 'a key must be a word');
      return [String(pair.key.value), pair.value, pair];
    });
  }

  /** Mappings, lists and values as those of JavaScript. Error: `config.invalid` for aliases that multiply. */
  plain(node: unknown): unknown {
    try {
      return isNode(node) ? node.toJS(this.#document, { maxAliasCount: MOST_ALIASES }) : node;
    } catch (cause) {
      throw this.#error(this.#lineOf(node), messageOf(cause));
    }
  }

  /** A path in the file is meant from where the file is; so is each of a list. */
  paths(checked: unknown): unknown {
    if (Array.isArray(checked)) return checked.map((one) => this.paths(one));
    return resolve(dirname(this.#path), String(checked));
  }

  /** The error with the pair's place in front. */
  at(pair: Pair<unknown, unknown>, error: DsError): DsError {
    return this.#error(this.#lineOf(pair.key), error.message, error);
  }

  #lineOf(node: unknown): number | undefined {
    const start = isScalar(node) || isMap(node) ? node.range?.[0] : undefined;
    return start === undefined ? undefined : this.#lines.linePos(start).line;
  }

  #error(line: number | undefined, message: string, source?: DsError): DsError {
    const place = line === undefined ? this.#path : `${this.#path}:${line}`;
    return configErrors.error('config.invalid', `${place}: ${message}`, {
      ...(source?.hint !== undefined && { hint: source.hint }),
      details: { ...source?.details, path: this.#path, ...(line !== undefined && { line }) },
    });
  }
}
