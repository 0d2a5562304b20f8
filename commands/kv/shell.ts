import { join } from 'node:path';
import { bytesOf, kvUrl, loadShell, type Shell, withChannel } from '../../src/blocks/kv/index.js';
import { DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { openInput } from '../../src/platform/cli/input.js';

export default class KvShell extends DsCommand {
  static override summary = 'run commands of Redis against a file or a server';
  static override description =
    `A prompt, with a history that is kept ($DS_HOME/kv.history, without passwords) and completion of commands and keys by the tab key. Quotes are
redis-cli's. MULTI gathers commands until EXEC, which makes them in one go. Commands that would wait answer at once on a file; on a server
they wait as long as they are told to. A file knows the commands on data; PING, INFO, CLIENT, WATCH are a server's. exit, Ctrl-D, or Ctrl-C
on an empty line end it, also while a command waits.

Where stdin is no terminal its lines are run one after the other; each value of an answer is a line then, exact to the byte. --json: a line for
each command, {reply} or {error}; integers are strings, bytes that are not UTF-8 {"base64": "…"}.

Exit codes: 0 ended; 1 a command of stdin was answered by an error; 2 bad input; 3 the server could not be reached, or went away; 4 the store
failed; 130 a command that waited was broken off.`;
  static override examples = [
    { description: 'By hand', command: '<%= config.bin %> <%= command.id %> < /dev/null' },
    {
      description: 'In a script',
      command: `printf 'RPUSH queue a b\\nLRANGE queue 0 -1\\n' | <%= config.bin %> <%= command.id %>`,
    },
    {
      description: 'Answers for a program, from a Redis',
      command: `echo 'HSET user:1 name ada' | <%= config.bin %> <%= command.id %> --json --url redis://127.0.0.1:6379`,
    },
  ];
  static override flags = { ...targetFlags('kv') };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(KvShell);
    const target = resolveTarget(flags, 'kv', this.context, kvUrl);
    const interrupt = new AbortController();
    return withChannel(
      target,
      this.context,
      async (channel, store) => {
        const shell = (await loadShell()).openShell({ channel, store });
        if (process.stdin.isTTY !== true) return (await this.runAll(shell)) ? 0 : 1;
        return this.converse(shell, target.kind === 'url' ? new URL(target.url).host : 'kv', interrupt);
      },
      // BLPOP waits as long as it is told to.
      { signal: interrupt.signal, commandTimeoutMs: Number.POSITIVE_INFINITY },
    );
  }

  /** Whether all was answered without an error. */
  private async runAll(shell: Shell): Promise<boolean> {
    const { inputCommands } = await loadShell();
    let good = true;
    for await (const line of inputCommands(openInput('-').stream)) {
      const { end, failed } = await this.answer(shell, line);
      if (failed) good = false;
      if (end) break;
    }
    return good;
  }

  private async converse(shell: Shell, place: string, interrupt: AbortController): Promise<number> {
    const { promptLines } = await import('../../src/platform/cli/prompt-lines.js');
    const { byteStringOfText, isSecret } = await loadShell();
    const lines = promptLines({
      prompt: () => `${place}${shell.database > 0 ? `[${shell.database}]` : ''}${shell.gathering ? ' (multi)' : ''}> `,
      historyFile: join(this.context.home, 'kv.history'),
      isSecret,
      complete: (line) => shell.complete(line),
      interrupted: () => interrupt.abort(cliErrors.error('cli.interrupted', 'stopped by Ctrl-C')),
    });
    for await (const line of lines) if ((await this.answer(shell, byteStringOfText(line))).end) break;
    return 0;
  }

  private async answer(shell: Shell, line: string): Promise<{ end: boolean; failed: boolean }> {
    const { rawLines, replyJson, replyLines } = await loadShell();
    const answer = await shell.run(line);
    if (answer.kind === 'error') {
      if (this.out.json) this.out.item({ error: answer.message }, '');
      else if (this.out.isTerminal) this.out.line(`(error) ${answer.message}`, 'red');
      else process.stderr.write(`(error) ${answer.message}\n`);
    } else if (answer.kind === 'reply') {
      if (this.out.json) this.out.item({ reply: replyJson(answer.reply) }, '');
      else if (this.out.isTerminal) for (const text of replyLines(answer.reply)) this.out.line(text);
      else for (const text of rawLines(answer.reply)) await this.out.bytes(bytesOf(`${text}\n`));
    }
    return { end: answer.kind === 'end', failed: answer.kind === 'error' };
  }
}
