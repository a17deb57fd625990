export { type DistributionOptions, distributionOf } from './distribution.js';
export { type ImageProperties, imageProperties } from './image-properties.js';
export { type KolmogorovSmirnovResult, kolmogorovSmirnov } from './kolmogorov-smirnov.js';
export { createMonitor, type Monitor, type MonitorOptions } from './monitor.js';
export { populationStabilityIndex } from './population-stability-index.js';
export { type ProfileBuilder, type ProfileBuilderOptions, profileBuilder } from './profile-builder.js';
