import type { Tensor } from '@percept/core';
import { copyTensor } from './copy-tensor.js';

/**
 * Feeds for the worker of onnxruntime-web, which takes their memory away: copies, or with `transfer` what can be handed
 * over, that is whole buffers, each once.
 */
export function proxyFeeds(feeds: Readonly<Record<string, Tensor>>, transfer: boolean): Record<string, Tensor> {
  const taken = new Set<ArrayBufferLike>();
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => {
      const { data } = feed;
      if (Array.isArray(data)) return [name, feed];
      const whole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
      if (!transfer || !whole || taken.has(data.buffer)) return [name, copyTensor(feed)];
      taken.add(data.buffer);
      return [name, feed];
    }),
  );
}
