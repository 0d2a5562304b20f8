/** The reader of a pipe that is written to has gone. On stdout it ends a command quietly with exit code 0. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}
