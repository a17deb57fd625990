export { type CuttingProxy, startCuttingProxy } from './cutting-proxy.js';
