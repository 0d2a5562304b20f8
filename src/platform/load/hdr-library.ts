/** hdr-histogram-js in a module of its own, so that it can be loaded late: it is CommonJS, and brings WebAssembly along. */
export { build } from 'hdr-histogram-js';
