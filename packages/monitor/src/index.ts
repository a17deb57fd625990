export { type DistributionOptions, describeDistribution } from './distribution.js';
export { type ImageProperties, imageProperties } from './image-properties.js';
export { type KolmogorovSmirnov, kolmogorovSmirnov } from './kolmogorov-smirnov.js';
export { createMonitor, type Monitor, type MonitorOptions } from './monitor.js';
export { populationStabilityIndex } from './population-stability.js';
export { type ProfileBuilder, type ProfileBuilderOptions, profileBuilder } from './profile-builder.js';
