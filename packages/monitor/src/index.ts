export { type ImageProperties, imageProperties } from './image-properties.js';
