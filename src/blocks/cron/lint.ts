/** What of schedules and crontabs is probably not meant. */
export { type LineFinding, type LintReport, lintExpression, lintFile } from './lint/lint-lines.js';
