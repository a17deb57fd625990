/** The network of `smallCnn({ classes: 10, channels: 1 })`, for peers to build the same one. */
export const width1 = 32;
export const width2 = 64;
export const hidden = 160;
/** Images in a batch. */
export const batch = 128;
