/** Images of an epoch, in a batch, their height and width, and the classes of the new head. */
export const [images, batch, size, classes] = [128, 32, 224, 2];
