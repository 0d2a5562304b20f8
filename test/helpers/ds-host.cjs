/**
 * A process that runs one `ds` after the other: the built program as it stands, without a start of Node for each, which
 * is most of what a command takes. What a process gives to a program is given anew each time: arguments, environment,
 * folder, input; stdout and stderr are its descriptors, with a mark behind each run. What its end takes away is taken away:
 * signal handlers and open SQLite files.
 *
 *     ◀── { args, env, cwd, input, mark }       one at a time
 *     ──▶ { code }                              after the mark is written to stdout and stderr
 */
const { writeSync } = require('node:fs');
const { Readable } = require('node:stream');
const Database = require('better-sqlite3');

const RUN = require.resolve('../../bin/run.js');
const MAIN = require.resolve('../../dist/src/platform/cli/main.js');

/** Commands leave their files open for the end of the process to close. */
const opened = new Set();
require.cache[require.resolve('better-sqlite3')].exports = class extends Database {
  constructor(...args) {
    super(...args);
    opened.add(this);
  }
};

let mark = '';

process.on('message', (run) => {
  mark = run.mark;
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, run.env);
  process.chdir(run.cwd);
  process.argv = [process.execPath, RUN, ...run.args];
  Object.defineProperty(process, 'stdin', { configurable: true, value: new Readable({ read() {} }) });
  process.stdin.push(Buffer.from(run.input));
  process.stdin.push(null);
  // It runs when it is loaded, and calls process.exit() in the end.
  delete require.cache[MAIN];
  require(MAIN);
});

const exit = process.exit;
process.on('disconnect', () => exit());

process.exit = (code = process.exitCode ?? 0) => {
  process.exitCode = undefined;
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
  for (const database of opened) database.close();
  opened.clear();
  writeSync(1, mark);
  process.stderr.write(mark);
  process.send({ code });
};
