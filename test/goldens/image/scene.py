"""Input pixels that the goldens share with the tests, which compute them by the same rule."""
import numpy as np


def noise(width, height, channels, seed=1):
    """Numerical Recipes' 32-bit generator, one step a sample, high byte: hard on every rounding."""
    state = seed
    values = []
    for _ in range(width * height * channels):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return np.array(values, np.uint8).reshape(height, width, channels)


def gradient(width, height):
    """Smooth RGB, kind to lossy codecs."""
    y, x = np.mgrid[0:height, 0:width]
    red = x * 255 // (width - 1)
    green = y * 255 // (height - 1)
    blue = (x + y) * 255 // (width + height - 2)
    return np.stack([red, green, blue], -1).astype(np.uint8)
