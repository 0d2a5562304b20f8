/** Lifecycles as commands have them. */
export { lifecycleXml, type RuleFlags } from './lifecycle/typed-rule.js';
export type { LifecycleAction } from './store/lifecycle-run.js';
export { readLifecycleXml } from './wire/lifecycle-xml.js';
