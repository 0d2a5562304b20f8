/** Lifecycles as commands have them. */
export { bucketsWithRules } from './lifecycle/buckets-with-rules.js';
export { ruleJson } from './lifecycle/rule-json.js';
export { lifecycleXml } from './lifecycle/typed-rule.js';
export type { LifecycleAction } from './store/lifecycle-run.js';
export { readLifecycleXml } from './wire/lifecycle-xml.js';
