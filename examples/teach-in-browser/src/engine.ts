// Where the page computes: on the graphics card where the browser lets it, otherwise on the processor.
import type { Runtime, Session } from '@percept/onnx';

/** What computes. */
export type EngineName = 'webgpu' | 'wasm';

/** A runtime that knows where it computes. */
export interface PageRuntime extends Runtime {
  engine(): EngineName;
}

/**
 * A runtime on WebGPU, and from the first model on that WebGPU cannot take or compute, on WebAssembly.
 *
 * @param graphicsCard whether there is WebGPU at all
 */
export function pageRuntime(runtime: Runtime, graphicsCard: boolean): PageRuntime {
  let engine: EngineName = graphicsCard ? 'webgpu' : 'wasm';
  const onGraphicsCard = async (open: () => Promise<Session>): Promise<Session | undefined> => {
    try {
      const session = await open();
      if (session.provider !== 'webgpu') return session;
      // Drivers refuse when they compute, not when they load.
      await session.warmUp();
      return session;
    } catch {
      engine = 'wasm';
      return undefined;
    }
  };
  return {
    name: runtime.name,
    engine: () => engine,
    async createSession(model, options = {}) {
      const session =
        engine === 'webgpu'
          ? await onGraphicsCard(() =>
              runtime.createSession(model, { ...options, executionProviders: ['webgpu', 'wasm'] }),
            )
          : undefined;
      return session ?? runtime.createSession(model, options);
    },
  };
}

/** What WebGPU tells of a graphics card. Where it says that it is none has moved over the years. */
interface GraphicsCard {
  readonly isFallbackAdapter?: boolean;
  readonly info?: { readonly isFallbackAdapter?: boolean };
}

/** Whether the browser lets pages compute on a graphics card, and has one: one that is made up in software is no gain. */
export async function hasGraphicsCard(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<GraphicsCard | null> } };
  const card = await gpu?.requestAdapter().catch(() => null);
  return card != null && !(card.info?.isFallbackAdapter ?? card.isFallbackAdapter ?? false);
}
