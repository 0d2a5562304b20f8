/**
 * Who may import whom. This file is the authority; ARCHITECTURE.md tells it in words.
 * `npm run import-rules` runs it, and proves first that each rule still fires.
 */

/** Pairs of blocks that may see each other's door, each with the reason. None so far. */
const blockPairs = [];

/** Pure rule files: no sockets, no files, no processes. */
const IO_MODULES = '^(node:)?(net|dgram|http|http2|https|tls|fs|fs/promises|child_process|worker_threads|cluster)$';

/**
 * Files of a block that may do I/O: its store, its server side, its remote side (`client`, where what it speaks to is any
 * server of the field), what asks other servers, what runs jobs (`runner`), what reads
 * and writes local files for it (`transfer`, `files`), what ships logs (`agent`), the ports that it and the daemon take
 * syslog on (`syslog/port`), and what measures on a store of its own (`bench`).
 */
const BLOCK_IO =
  '^src/blocks/[^/]+/(store|server|remote|client|block|spill|tester|runner|bench|transfer|agent|files|syslog/port)[/.-]';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle is two files that are one.',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'commands-use-doors',
      comment: 'A command of a block imports the platform and its own block by its door, nothing else of ours.',
      severity: 'error',
      from: { path: '^commands/([^/]+)/' },
      to: { path: '^(src/blocks|commands)/', pathNot: '^src/blocks/$1/index\\.ts$' },
    },
    {
      name: 'house-commands-use-the-catalogue',
      comment: 'up, ps, tour … know blocks only through the catalogue.',
      severity: 'error',
      from: { path: '^commands/[^/]+\\.ts$' },
      to: { path: '^(src/blocks|commands)/', pathNot: '^src/blocks/catalogue\\.ts$' },
    },
    {
      name: 'blocks-are-separate',
      comment: 'A block imports another only by its door, and only where the pair is listed above with a reason.',
      severity: 'error',
      from: { path: '^src/blocks/([^/]+)/', pathNot: blockPairs.map(({ from }) => `^src/blocks/${from}/`) },
      to: { path: '^src/blocks/[^/]+/', pathNot: '^src/blocks/$1/' },
    },
    {
      name: 'blocks-do-not-know-the-terminal',
      comment: 'Engines return data; what a person sees is made in commands and platform/cli.',
      severity: 'error',
      from: { path: '^src/blocks/' },
      to: { path: '^(src/platform/cli|commands)/' },
    },
    {
      name: 'platform-knows-no-block',
      comment: 'The platform is below the blocks.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^(src/blocks|commands)/' },
    },
    {
      name: 'terminal-libraries-in-cli-only',
      comment: 'oclif, ora, cli-table3 and inquirer stay in platform/cli; commands may use oclif for Args and Flags.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/cli/' },
      to: { path: 'node_modules/(@oclif/|oclif/|ora/|cli-table3/|inquirer/|@inquirer/)' },
    },
    {
      name: 'terminal-libraries-not-in-commands',
      comment: 'Tables, spinners and prompts come through platform/cli.',
      severity: 'error',
      from: { path: '^commands/' },
      to: { path: 'node_modules/(ora/|cli-table3/|inquirer/|@inquirer/)' },
    },
    {
      name: 'sqlite-in-store-only',
      comment: 'platform/store owns opening, pragmas and error translation.',
      severity: 'error',
      from: { path: '^(src|commands)/', pathNot: '^src/platform/store/' },
      to: { path: 'node_modules/better-sqlite3/' },
    },
    {
      name: 'pure-rules-do-no-io',
      comment: "A block's rules can be read and tested without sockets and files.",
      severity: 'error',
      from: { path: '^src/blocks/[^/]+/', pathNot: BLOCK_IO },
      to: { path: IO_MODULES },
    },
    {
      name: 'product-does-not-import-tests',
      severity: 'error',
      from: { path: '^(src|commands|bin)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'only-declared-packages',
      comment: 'What is imported is a dependency of package.json, and not a development one.',
      severity: 'error',
      from: { path: '^(src|commands|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
