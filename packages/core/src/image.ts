/** The typed array that holds an image's samples: 8-bit, 16-bit, or float in 0..1. */
export type ImageData = Uint8Array | Uint16Array | Float32Array;

/**
 * A decoded image, owned by JavaScript: interleaved rows (HWC), top row first, sRGB, straight (not premultiplied) alpha.
 * `data.length` is `height * width * channels`.
 */
export interface Image<Data extends ImageData = ImageData> {
  /** Pixels in a row, at least 1. */
  readonly width: number;
  /** Rows, at least 1. */
  readonly height: number;
  /** 1 = grey, 3 = RGB, 4 = RGBA. */
  readonly channels: 1 | 3 | 4;
  readonly data: Data;
}

/** Element types that preprocessing makes; `float16` is kept as its 16 bits. */
export type PreprocessType = 'float32' | 'float16' | 'uint8' | 'int8';

/**
 * How an image becomes the input tensor of a model, as JSON, so that it can travel inside the model file. Steps run in
 * the order of the fields.
 */
export interface PreprocessSpec<Type extends PreprocessType = 'float32'> {
  /** Channels of the tensor: grey (1), RGB or BGR (3). */
  readonly color: 'gray' | 'rgb' | 'bgr';
  /**
   * `exact`: to `width` × `height`, whatever the aspect. `shorter-side`: the shorter side becomes `size`, aspect kept.
   * `letterbox`: fits inside `width` × `height`, aspect kept, padded evenly with `padValue` (0..255).
   */
  readonly resize?:
    | ({ readonly mode: 'exact'; readonly width: number; readonly height: number } & ResizeQuality)
    | ({ readonly mode: 'shorter-side'; readonly size: number } & ResizeQuality)
    | ({
        readonly mode: 'letterbox';
        readonly width: number;
        readonly height: number;
        readonly padValue?: number;
      } & ResizeQuality);
  /** Centre crop in pixels, after resizing. */
  readonly crop?: { readonly width: number; readonly height: number };
  /** Factor from 0..255 to the range that `mean` and `std` are given in: 1/255 for torchvision's. */
  readonly scale: number;
  /** Subtracted per channel after scaling; one value per channel. */
  readonly mean: readonly number[];
  /** Divides per channel after the mean; one value per channel, none zero. */
  readonly std: readonly number[];
  /** `NCHW` (default): a plane a channel, as PyTorch has it. `NHWC`: channels interleaved, as TensorFlow has it. */
  readonly layout?: 'NCHW' | 'NHWC';
  /**
   * Element type of the tensor, `float32` unless given. `uint8` and `int8` round half to even and saturate, as ONNX
   * `QuantizeLinear` does; `float16` rounds half to even.
   */
  readonly dtype?: Type;
}

/** How a resize makes its pixels. */
export interface ResizeQuality {
  /** Default `bilinear`. */
  readonly filter?: ResizeFilter;
  /**
   * Whether `bilinear`, `bicubic` and `lanczos` widen when shrinking, so that every source pixel counts. Default `true`,
   * as Pillow and torchvision do; `false` reads only the neighbours of each sample, as OpenCV and TensorFlow 1 do.
   */
  readonly antialias?: boolean;
}

/**
 * `nearest` takes one sample; `bilinear` (a triangle), `bicubic` (Keys) and `lanczos` (three lobes; four without
 * antialiasing, as OpenCV) interpolate; `area` averages the exact footprint of each output pixel.
 */
export type ResizeFilter = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos' | 'area';
