// Bundles the commands and what they need into dist/: one file per command, one chunk for what several share.
//
//   node build.js                       dist/
//   node build.js --reference           and oclif.manifest.json, commands/**/README.md, commands/ERRORS.md
//   node build.js --reference --check   writes none of those; exits 1 when one is stale
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

export async function build() {
  const commands = await bundle({
    entryPoints: [
      ...sources('commands', /\.ts$/),
      ...sources('src/blocks', /^worker\.ts$/),
      'src/platform/cli/main.ts',
    ],
    splitting: true,
    format: 'esm',
  });
  // Apart from the commands: what they shared with these would be cut into more chunks, and each costs them time.
  const alone = { format: 'cjs', define: { 'import.meta.url': '__url' }, banner: { js: URL_BANNER } };
  const reference = await bundle({ ...alone, entryPoints: ['src/platform/cli/reference/write.ts'] });
  const catalogues = await bundle({
    ...alone,
    stdin: { contents: allCatalogues(), resolveDir: ROOT },
    outdir: undefined,
    outfile: 'dist/error-catalogues.js',
  });
  replaceDist([...(await Promise.all(commands.map(toCommonJs))), ...reference, ...catalogues]);
}

async function bundle(options) {
  const { outputFiles } = await esbuild.build({ ...COMMON, plugins: [slimOclif], ...options });
  return outputFiles;
}

const COMMON = {
  absWorkingDir: ROOT,
  write: false,
  outbase: '.',
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // A native addon (bundling its wrapper saved nothing measurable); pino loads its transports by path; tables are rare;
  // typescript is oclif's way to run from sources, unused here; the AWS SDK does not survive being bundled (its classes are undefined).
  external: ['better-sqlite3', 'pino', 'cli-table3', 'typescript', '@aws-sdk/*'],
  logLevel: 'warning',
};

const URL_BANNER = 'var __url = require("node:url").pathToFileURL(__filename).href;';

/** Every catalogue of error codes, for `ds help errors` and the reference. */
function allCatalogues() {
  return sources('src', /^errors\.ts$/)
    .map((file, i) => `export * as catalogues${i} from './${file.replace(/\.ts$/, '.js')}';`)
    .join('\n');
}

/** In one step, so that a `ds` that starts meanwhile finds all of the old or all of the new. */
function replaceDist(outputs) {
  const dist = join(ROOT, 'dist');
  const next = join(ROOT, 'node_modules', `.ds-dist-${process.pid}`);
  for (const { path, text } of outputs) {
    const file = join(next, relative(dist, path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  writeFileSync(join(next, 'package.json'), '{ "type": "commonjs" }\n');
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
}

/**
 * esbuild splits ES modules only, and Node starts CommonJS sooner: its ES module loader is some forty modules more, and
 * takes a turn of the event loop for each chunk. `ds seq next` over `node -e 0`, alternating, median of 30 on Node 20:
 * ES modules 1.95, an ES launcher for CommonJS 1.85, all CommonJS (bin/package.json says so, too) 1.69.
 */
async function toCommonJs({ path, text }) {
  const required = text.replace(/\bimport\(("\.[^"]+")\)/g, 'Promise.resolve().then(() => require($1))');
  const { code } = await esbuild.transform(required, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    define: { 'import.meta.url': '__url' },
    banner: text.includes('import.meta.url') ? URL_BANNER : '',
    // Names are kept, so that stacks stay readable.
    minifySyntax: true,
    minifyWhitespace: true,
  });
  return { path, text: code };
}

/** Writes what is generated from the commands; with `check` only compares. Resolves to the paths that were stale. */
export async function writeReference(check = false) {
  const module = pathToFileURL(join(ROOT, 'dist/src/platform/cli/reference/write.js'));
  const { writeReference: write } = await import(module.href);
  return write(ROOT, check);
}

function sources(folder, name) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).split(sep).join('/'))
    .sort();
}

/**
 * Running a command takes Command, Flags, Args and the parser of oclif, yet importing those brings its Config, help,
 * templates, spinners and a debug log, 200 kB in all. What src/platform/cli imports by subpath therefore comes as a copy
 * of its own, `slim`, in which those are absent; help, completion and the manifest use the whole. Start-up of an empty
 * command over `node -e 0` (115 ms) on Node 20, `hyperfine -N -w 3 -r 30`: whole 1.55, slim 1.37.
 */
const slimOclif = {
  name: 'slim-oclif',
  setup(builder) {
    const lib = dirname(fileURLToPath(import.meta.resolve('@oclif/core')));
    builder.onResolve({ filter: /^@oclif\/core\/(command|flags|args)$/ }, ({ path }) => ({
      path: join(lib, `${path.split('/').at(-1)}.js`),
      namespace: 'slim',
    }));
    builder.onResolve({ filter: /.*/, namespace: 'slim' }, ({ path, importer }) => {
      if (path.startsWith('node:') && path !== 'node:readline') return { path, external: true };
      if (!path.startsWith('.')) return { path, namespace: 'absent' };
      const target = resolveModule(join(dirname(importer), path));
      const name = relative(lib, target).split(sep).join('/').replace(/\.js$/, '');
      return ABSENT.test(name) ? { path: name, namespace: 'absent' } : { path: target, namespace: 'slim' };
    });
    builder.onLoad({ filter: /.*/, namespace: 'slim' }, ({ path }) => ({
      // Touching process.stdout loads the net, tty and stream modules; standard-output.ts handles a closed pipe itself.
      contents: readFileSync(path, 'utf8').replace(/^process\.stdout\.on\('error',[\s\S]*?^\}\);$/m, ''),
    }));
    builder.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
      contents: STAND_INS[path] ?? refusal(path),
    }));
  },
};

/** Modules of oclif, under lib/, that the slim copy goes without. */
const ABSENT = /^(config|help|logger|ux|errors\/(handle|warn)|performance)(\/|$)/;

/** What is called all the same, for effects that ds has in its own way. */
const STAND_INS = {
  logger: 'exports.makeDebug = () => () => {};',
  'ux/list': 'exports.__esModule = true; exports.default = () => "";',
  'ux/theme': 'exports.colorize = (_color, text) => text;',
  '@oclif/core/package.json': 'exports.version = "4";',
};

/** A module that can be required but not used. */
function refusal(path) {
  const message = JSON.stringify(`${path} is not part of the slim oclif: see build.js`);
  return `module.exports = new Proxy({}, { get(_, key) { if (key === '__esModule') return true; throw new Error(${message}); } });`;
}

function resolveModule(path) {
  return [`${path}.js`, join(path, 'index.js')].find((candidate) => existsSync(candidate)) ?? path;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  if (process.argv.includes('--reference')) {
    const check = process.argv.includes('--check');
    const stale = await writeReference(check);
    for (const path of stale) process.stdout.write(`${check ? 'stale' : 'wrote'}  ${path}\n`);
    if (check && stale.length > 0) process.exitCode = 1;
  }
}
