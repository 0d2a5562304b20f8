/** What `ds dns compare` takes; loaded when it runs. */
export { Asker } from './client/asker.js';
export { type Comparison, compareServers, readCompareWords } from './client/compare-servers.js';
export { type ComparedRow, comparedRows, comparisonJson, sayAgreement, sayDifferences } from './output/comparison.js';
export { settingsOfFlags } from './query-words/flags.js';
export { splitArguments } from './query-words.js';
