export { type FashionMnistOptions, fashionMnist } from './fashion-mnist.js';
export { type FolderSkip, type ImageFolderOptions, imageFolder } from './image-folder.js';
export * from './index.js';
