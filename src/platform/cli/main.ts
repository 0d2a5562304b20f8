/** Where the process begins: find the command, load it and nothing else, run it, turn what happened into an exit code. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { reportFailure } from './failures.js';
import { quietLibraries } from './quiet-libraries.js';
import { type Resolved, resolveCommand } from './resolve.js';
import { makeRunConfig, readVersion } from './run-config.js';
import { handleSignals } from './signals.js';
import { outputWritten, writeOut } from './standard-output.js';

/** This file is dist/src/platform/cli/main.js. */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const COMMANDS = join(ROOT, 'dist', 'commands');

async function main(typed: readonly string[]): Promise<void> {
  handleSignals();
  quietLibraries();
  try {
    await run(resolveCommand(typed, COMMANDS), typed);
  } catch (error) {
    process.exitCode = await reportFailure(error, typed);
  }
  await outputWritten();
  // Not by running out of work: what a command leaves open on purpose stays as it is (`closing` in platform/store).
  process.exit();
}

async function run(resolved: Resolved, typed: readonly string[]): Promise<void> {
  switch (resolved.kind) {
    case 'command':
      return runCommand(resolved.id, resolved.file, resolved.argv);
    case 'plugin':
      return (await import('./full-config.js')).runPluginCommand(ROOT, resolved.words, resolved.argv);
    case 'version':
      writeOut(`ds ${readVersion(ROOT)} (${process.platform}-${process.arch}, node ${process.version})\n`);
      return;
    case 'help':
      return (await import('./help/show.js')).showHelp(ROOT, resolved.words, typed);
    case 'unknown':
      return (await import('./unknown-command.js')).refuseUnknown(ROOT, resolved.words);
  }
}

interface CommandClass {
  id: string;
  new (argv: string[], config: Config): Command;
}

async function runCommand(id: string, file: string, argv: readonly string[]): Promise<void> {
  // dist/ is CommonJS (build.js says why), and so are the commands in it.
  const { default: Class }: { default: CommandClass } = createRequire(import.meta.url)(file);
  Class.id = id;
  await new Class([...argv], makeRunConfig(ROOT)).run();
}

void main(process.argv.slice(2));
