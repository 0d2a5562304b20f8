import { type FileProof, loadVerify, pathFromHere, type Verified } from '../../src/blocks/log/index.js';
import { Args, type Column, DsCommand, Flags, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { displayCell, fitsInto } from '../../src/platform/cli/table.js';
import type { DsError } from '../../src/platform/errors.js';

export default class LogVerify extends DsCommand {
  static override strict = false;
  static override summary = 'prove that each line of a file is stored once';
  static override description =
    `What ds log ship has read of a file, and of what it was rotated to, is proved line by line: the ledger says which bytes were read and what
became of them, the store which bytes each entry covers and the hash of its line, and the file on disk (a .gz decompressed) what those
bytes are. All three have to agree. A file that is not there any more is proved by the ledger and the store alone. For other sinks than
the store it is what they have acknowledged.

A FILE is a name or a pattern, as ds log ship has it. A row for each content: a file that was truncated and begins anew is another one. Lines
that are not read yet, entries that wait for a sink, a file that was cut or changed after it was read, and rotated files that nobody has
looked at yet are no proof: let ds log ship run, and ask again. Lines that were dropped by a transform, or removed by retention, are
counted and need no explanation. Where a transform changes lines (redact), say --allow-changed.

A terminal is shown what is not 0 everywhere, as a table, or in a narrow window as a list.

Pipes get path, number in the ledger, pipeline, lines, stored, duplicates, missing, dropped, removed, waiting, unread, changed, and
clean or not clean, between tabs. --json: {clean, files: [{path, clean, unknown: [path], skipped: [{pipeline, path, state}], contents: [{file,
pipeline, sink, path, state, on_disk, is_other, begun, offset, lines, entries, stored, waiting, duplicates, missing, missing_bytes, dropped,
removed, changed, unread, clean}]}]}.

Exit codes: 0 every line is accounted for; 1 not so, or a file that was never read; 2 bad input; 4 the store failed,
or has damaged blocks, whose entries count as missing: --json has {error: {code, message, hint}} then, too.`;
  static override examples = [
    {
      description: 'Ship a file, and prove it',
      command: `printf '%s\\n' one two three > app.log
<%= config.bin %> log ship app.log --once && <%= config.bin %> <%= command.id %> app.log`,
    },
    {
      description: 'Only whether it is so',
      command: `<%= config.bin %> <%= command.id %> app.log --quiet > /dev/null && echo proved`,
    },
    {
      description: 'What is wrong, for a program',
      command: `<%= config.bin %> <%= command.id %> app.log --json | grep -o '"missing":[0-9]*'`,
    },
  ];
  static override args = {
    file: Args.string({ required: true, description: 'files that were shipped; more may follow' }),
  };
  static override flags = {
    ...fileFlags('log', 'what was read of files is in the file of the agent that read them'),
    'allow-changed': Flags.boolean({ description: 'a transform changes lines: those that differ are no failure' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LogVerify);
    const { pathsToVerify, verifyPaths } = await loadVerify();
    const paths = pathsToVerify(argv.map(String));
    const damage: DsError[] = [];
    const context = {
      db: resolveFile(flags, 'log', this.context),
      mustExist: flags.db !== undefined,
      clock: this.context.clock,
      allowChanged: flags['allow-changed'],
      onDamage: (error: DsError) => damage.push(error),
    };
    const found: Verified[] = [];
    for await (const verified of verifyPaths(paths, context)) found.push(verified);
    const isClean = found.every((file) => file.isClean);
    this.out.partialDocument({ clean: isClean, files: found.map(verifiedJson) }, damage[0], () => this.show(found));
    if (damage.length > 0) throw damage[0];
    return isClean ? 0 : 1;
  }

  private show(found: readonly Verified[]): void {
    const rows = found.flatMap(({ files }) => files);
    if (this.out.isTerminal) this.showOnTerminal(rows);
    else if (rows.length > 0) this.out.table(COLUMNS, rows);
    for (const { path, files, unknown, skipped } of found) {
      if (files.length === 0) this.out.warn(`no pipeline has read ${path}`);
      for (const other of unknown) {
        if (files.length > 0 || other !== path) this.out.warn(`no pipeline has looked at ${other} yet`);
      }
      for (const file of files) {
        if (file.isOther)
          this.out.warn(`${file.path} is not what was read of it: it was cut, changed or begun anew since`);
      }
      for (const { path: copy, state } of skipped) {
        this.out.note(
          `${copy} is not read: ${state === 'copy' ? 'a copy of what is read' : 'it was compressed before'}`,
        );
      }
      if (this.out.isTerminal && files.length > 0) this.say(path, files);
    }
  }

  private showOnTerminal(rows: readonly FileProof[]): void {
    const counts = COUNTS.filter(({ value }) => rows.some((row) => value(row) !== 0));
    const shown = [FILE, PIPELINE, ...counts, RESULT];
    if (fitsInto(this.out.width, shown, rows)) {
      if (rows.length > 0) this.out.table(shown, rows);
      return;
    }
    for (const row of rows) {
      this.out.line(displayCell(FILE, row));
      const said = counts.map((column) => `${column.header} ${displayCell(column, row)}`).join(', ');
      this.out.styled(`  ${row.pipeline}: ${said}, `, [row.isClean ? 'green' : 'red', displayCell(RESULT, row)]);
    }
  }

  /** For each pipeline: where a file goes to two places, its lines are proved twice. */
  private say(path: string, files: readonly FileProof[]): void {
    for (const name of new Set(files.map(({ pipeline }) => pipeline))) {
      const own = files.filter(({ pipeline }) => pipeline === name);
      const sum = (of: (file: FileProof) => number) => own.reduce((total, file) => total + of(file), 0);
      const isClean = own.every((file) => file.isClean);
      const arrived = own[0]?.sink === 'store' ? 'stored' : `taken by ${own[0]?.sink}`;
      this.out.styled(
        [isClean ? 'green' : 'red', isClean ? 'proved' : 'not proved'],
        `  ${path}: ${sum(({ lines }) => lines)} lines in, ${sum(({ stored }) => stored)} entries ${arrived}, `,
        `${sum(({ duplicates }) => duplicates)} duplicate, ${sum(({ missing }) => missing)} missing`,
      );
      const why = isClean ? [] : whyNot(sum);
      if (why.length > 0) this.out.line(`  ${why.join('; ')}`);
    }
  }
}

/** What a proof that fails fails for, and what may be done, beside what is missing or double. */
function whyNot(sum: (of: (file: FileProof) => number) => number): string[] {
  const [waiting, unread, changed] = [
    sum((file) => file.waiting),
    sum((file) => file.unread),
    sum((file) => file.changed),
  ];
  return [
    ...(waiting > 0 ? [`${waiting} wait for the sink: let ds log ship run`] : []),
    ...(unread > 0 ? [`${unread} lines are not read yet: let ds log ship run`] : []),
    ...(changed > 0 ? [`${changed} are other than on disk: --allow-changed, if a transform changes them`] : []),
  ];
}

const FILE: Column<FileProof> = {
  header: 'file',
  value: ({ path }) => path,
  display: ({ path }) => pathFromHere(path),
  keep: true,
};
const NUMBER: Column<FileProof> = { header: 'number', value: ({ file }) => file };
const PIPELINE: Column<FileProof> = { header: 'pipeline', value: ({ pipeline }) => pipeline };

const COUNTS: Column<FileProof>[] = [
  { header: 'lines', value: ({ lines }) => lines },
  { header: 'stored', value: ({ stored }) => stored },
  { header: 'duplicate', value: ({ duplicates }) => duplicates, color: bad(({ duplicates }) => duplicates) },
  { header: 'missing', value: ({ missing }) => missing, color: bad((file) => file.missing + file.missingBytes) },
  { header: 'dropped', value: ({ dropped }) => Object.values(dropped).reduce((sum, count) => sum + count, 0) },
  { header: 'removed', value: ({ removed }) => removed },
  { header: 'waiting', value: ({ waiting }) => waiting, color: bad(({ waiting }) => waiting) },
  { header: 'unread', value: ({ unread }) => unread, color: bad(({ unread }) => unread) },
  { header: 'changed', value: ({ changed }) => changed, color: bad(({ changed }) => changed) },
];

const RESULT: Column<FileProof> = {
  header: 'result',
  value: ({ isClean }) => (isClean ? 'clean' : 'not clean'),
  color: ({ isClean }) => (isClean ? 'green' : 'red'),
  keep: true,
};

/** Of pipes: always all of them. */
const COLUMNS = [FILE, NUMBER, PIPELINE, ...COUNTS, RESULT];

function bad(of: (file: FileProof) => number): (file: FileProof) => 'red' | undefined {
  return (file) => (of(file) > 0 ? 'red' : undefined);
}

function verifiedJson({ path, files, unknown, skipped, isClean }: Verified) {
  return { path, clean: isClean, unknown, skipped, contents: files.map(proofJson) };
}

function proofJson({ onDisk, isOther, missingBytes, isClean, ...proof }: FileProof) {
  return { ...proof, on_disk: onDisk, is_other: isOther, missing_bytes: missingBytes, clean: isClean };
}
