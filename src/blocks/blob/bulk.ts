/** What is done to many objects, of any store. */
export { type Copied, copyMany } from './bulk/copy-many.js';
export { type Deleted, deleteMany } from './bulk/delete-many.js';
export { type NamedObject, namedObjects, patternFolder } from './bulk/named.js';
export { type Usage, usage } from './bulk/usage.js';
