// The default thread of createImagePool() in Node, built as a file of its own (dist/image-worker.node.js).
import { exposeImageWorker } from './expose-image-worker.node.js';

exposeImageWorker();
