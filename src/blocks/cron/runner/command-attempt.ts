/** An attempt of a command: `<shell> -c <command>`, with what it writes kept. */
import { stat } from 'node:fs/promises';
import { codeOf, messageOf, whyUnreadable } from '../../../platform/errors.js';
import type { CommandAction, JobSpec } from '../job.js';
import type { Attempt, AttemptEnd, AttemptIo, RunnerContext } from './attempt.js';
import { factVariables, jobEnvironment } from './environment.js';
import { parseEnvironmentFile } from './environment-file.js';
import { markOf } from './mark.js';
import { OutputRecorder } from './output-recorder.js';
import { RunningProgram } from './program.js';
import { readValuesFile } from './values-file.js';

export function startCommand(spec: JobSpec, action: CommandAction, io: AttemptIo, context: RunnerContext): Attempt {
  const { clock, environment: daemon, place, launcher } = context;
  const folder = action.folder ?? daemon['HOME'] ?? '/';
  const file = readValuesFile('environment file', action.environmentFile, parseEnvironmentFile);
  if ('problem' in file) return failedAtOnce(file.problem);

  const mark = markOf(place, io.facts);
  const environment = jobEnvironment(action, file.values, daemon, factVariables(io.facts, mark));
  const recorder = new OutputRecorder(io, { mostBytes: spec.outputBytes, secrets: Object.values(file.values), clock });
  const program = new RunningProgram(
    {
      ...{ program: action.shell, args: ['-c', action.command], folder, environment, mark },
      input: action.input === undefined ? 'nothing' : { text: action.input },
      ...{ timeoutMs: spec.timeoutMs, killAfterMs: spec.killAfterMs },
    },
    (stream, bytes) => recorder.add(stream, bytes),
    clock,
    launcher,
  );
  const end = async (): Promise<AttemptEnd> => {
    const { outcome, leftBehind, startError } = await program.done;
    const recorded = await recorder.end();
    if (startError === undefined) return { ...recorded, outcome, leftBehind };
    return {
      ...recorded,
      outcome: { kind: 'failed', reason: await whyNotStarted(action.shell, folder, startError) },
      leftBehind,
    };
  };
  return {
    done: end(),
    terminate: (reason) => program.terminate(reason),
    kill: (reason) => program.kill(reason),
  };
}

/** An attempt that has failed before anything was started. */
export function failedAtOnce(reason: string): Attempt {
  const outcome = { kind: 'failed', reason } as const;
  const end = { outcome, outputBytes: 0, leftBehind: [] };
  return { done: Promise.resolve(end), terminate: () => {}, kill: () => {} };
}

/** A missing folder is told of as if the program were missing. Asked afterwards: a folder of a dead server never answers. */
async function whyNoFolder(folder: string): Promise<string | undefined> {
  try {
    return (await stat(folder)).isDirectory() ? undefined : `${folder} is not a folder`;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? `there is no folder ${folder}` : `folder ${folder}: ${whyUnreadable(error)}`;
  }
}

/** What the folder may have to do with. */
const aboutPaths: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'];

async function whyNotStarted(shell: string, folder: string, error: Error): Promise<string> {
  const problem = aboutPaths.includes(codeOf(error)) ? await whyNoFolder(folder) : undefined;
  if (problem !== undefined) return problem;
  switch (codeOf(error)) {
    case 'ENOENT':
      return `there is no shell ${shell}`;
    case 'EACCES':
      return `${shell} cannot be executed, or its folder not entered`;
    case 'E2BIG':
      return 'the command and its environment are too long for the system';
    case 'EAGAIN':
      return 'not started: there are as many processes as this user may have, see: ulimit -u';
    case 'EMFILE':
      return 'not started: there are as many open files as a process may have, see: ulimit -n';
    default:
      return `not started: ${messageOf(error)}`;
  }
}
