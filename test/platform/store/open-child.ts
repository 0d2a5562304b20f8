/** Opens the file given as argument at once with others, and adds a line. */
import { openStore } from '../../../src/platform/store/store.js';
import { ADD, notes } from './definition.js';

const store = openStore(notes, {
  path: process.argv[2] ?? '',
  initialise: (created) => created.statement<[string]>(ADD).run('born'),
});
store.write(() => store.statement<[string]>(ADD).run(`by ${process.pid}`));
store.close();
