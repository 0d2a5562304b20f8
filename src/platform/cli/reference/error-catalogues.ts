/** All error codes there are: every `errors.ts` under src exports its catalogue, and is built as a file of its own. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorDefinition, ErrorKind } from '../../errors.js';
import { exitCodeOf } from '../exit-codes.js';

export interface ErrorEntry {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly exitCode: number;
  readonly meaning: string;
}

/** Sorted by code. */
export async function loadErrors(root: string): Promise<ErrorEntry[]> {
  const folder = join(root, 'dist', 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(^|[\\/])errors\.js$/.test(file),
  );
  const modules = await Promise.all(
    files.map((file): Promise<object> => import(pathToFileURL(join(folder, file)).href)),
  );
  return modules
    .flatMap((module) => Object.values(module).filter(isCatalogue))
    .flatMap(({ definitions }) => Object.entries(definitions))
    .map(([code, { kind, meaning }]) => ({ code, kind, meaning, exitCode: exitCodeOf(kind) }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

interface Catalogue {
  readonly definitions: Readonly<Record<string, ErrorDefinition>>;
}

function isCatalogue(value: unknown): value is Catalogue {
  return typeof value === 'object' && value !== null && 'definitions' in value;
}
