/** Before the first test: dist/ is what the sources say, so that tests of the whole process test them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILT = join(ROOT, 'dist/src/platform/cli/main.js');

export default function ensureBuilt(): void {
  const sources = ['commands', 'src'].flatMap(filesIn);
  const newest = Math.max(...[...sources, join(ROOT, 'build.js'), join(ROOT, 'package.json')].map(changedAt));
  if (changedAt(BUILT) < newest) execFileSync(process.execPath, [join(ROOT, 'build.js')], { stdio: 'inherit' });
}

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** 0 for what is not there. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
