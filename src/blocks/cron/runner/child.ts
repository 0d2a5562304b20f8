/** A program as a process of its own, and who starts it. */
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Environment } from '../../../platform/paths.js';
import type { MarkLooks } from './marked.js';

export interface ProgramStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Environment;
}

/** How a process ended; why it was none; or why that is not known. */
export type Exit =
  | { readonly code: number | null; readonly signal: string | null }
  | { readonly error: Error }
  | { readonly lost: string };

export interface ProcessOnPipes {
  /** Leads its group. */
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Neither rejects. */
export interface Child {
  /** Undefined: there is none, `exit` tells why. */
  readonly process: Promise<ProcessOnPipes | undefined>;
  readonly exit: Promise<Exit>;
  /** Where what has left its group is found once it has ended; absent: it may be anywhere. */
  readonly orphans?: MarkLooks;
}

/** Starts programs in another way than Node does. */
export interface Starter {
  /** Whether it can be asked now. */
  readonly isReady: boolean;
  /** The path of the program is absolute. `stdin` is a descriptor of this process, needed until the program has started; absent: nothing is read. */
  launch(program: ProgramStart, stdin: number | undefined): Child;
}

/** Of the descriptor of a pipe, which it closes. */
export function readerOf(descriptor: number): Readable {
  return new Socket({ fd: descriptor, readable: true, writable: false });
}
