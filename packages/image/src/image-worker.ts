// The default worker of createImagePool() in browsers, built as a file of its own (dist/image-worker.js).
import { exposeImageWorker } from './expose-image-worker.js';

exposeImageWorker();
