/** The ds.yaml that `ds init` writes: every option with its default and what it means. */
import { existsSync } from 'node:fs';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { codeOf, type DsError } from '../errors.js';
import { configErrors } from './errors.js';
import { defaultsOf, isList, kebab, type OptionSchema, type OptionSpec } from './options.js';

export interface TemplateBlock {
  readonly name: string;
  readonly summary: string;
  readonly options: OptionSchema;
  /** What was chosen instead of a default, by option. */
  readonly chosen?: Readonly<Record<string, unknown>>;
}

const HEADER = `# What \`ds up\` runs. Options are called as the flags of \`ds <block> serve\`.
# After a change: ds down, ds up.
blocks:
`;

export function renderConfig(blocks: readonly TemplateBlock[]): string {
  return HEADER + blocks.map(renderBlock).join('\n');
}

function renderBlock({ name, summary, options, chosen = {} }: TemplateBlock): string {
  const lines = [`  # ${summary}`, `  ${name}:`];
  const defaults = defaultsOf(options);
  for (const [key, spec] of Object.entries(options)) {
    const value = chosen[key] ?? defaults[key];
    lines.push(`    # ${describe(spec)}`);
    const given = value === undefined ? `# ${kebab(key)}: ${placeholder(spec)}` : `${kebab(key)}: ${onOneLine(value)}`;
    lines.push(`    ${given}`);
  }
  return `${lines.join('\n')}\n`;
}

function onOneLine(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}

/** Stands for the value of an option without a default; in a form that ds.yaml reads, once filled in. */
function placeholder(spec: OptionSpec): string {
  const value = 'value' in spec ? spec.value : 'FILE';
  return isList(spec) ? `[${value}]` : value;
}

function describe(spec: OptionSpec): string {
  return spec.kind === 'choice' ? `${spec.about}: ${spec.choices.join(', ')}` : spec.about;
}

/**
 * Written aside and put in place in one step; an existing file is replaced only with `replace`.
 * Error: `config.exists`.
 */
export async function writeConfig(path: string, text: string, replace: boolean): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`;
  await writeFile(aside, text, { flag: 'wx' });
  try {
    if (replace) await rename(aside, path);
    else await link(aside, path);
  } catch (cause) {
    throw codeOf(cause) === 'EEXIST' ? alreadyThere(path) : cause;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Before questions are asked whose answers would be refused. Error: `config.exists`. */
export function refuseExisting(path: string): void {
  if (existsSync(path)) throw alreadyThere(path);
}

function alreadyThere(path: string): DsError {
  return configErrors.error('config.exists', `${path} is there already`, {
    hint: 'ds init --force',
    details: { path },
  });
}
