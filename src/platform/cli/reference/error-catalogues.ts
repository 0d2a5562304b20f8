/** All error codes there are: every `errors.ts` under src exports its catalogue; build.js puts them into one file. */
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
  const file = pathToFileURL(join(root, 'dist', 'error-catalogues.js'));
  const modules: Readonly<Record<string, object>> = await import(file.href);
  return Object.values(modules)
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
