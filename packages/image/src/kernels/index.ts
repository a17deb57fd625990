export { flip, type KernelOptions } from './orient.js';
