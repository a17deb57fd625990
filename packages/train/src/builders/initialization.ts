// First values of parameters, by PyTorch's rules. A value is drawn by (seed, name of the parameter), so it does not
// depend on the order in which layers are made, nor on the other layers.
import { elementCount, keyedRandom, type Tensor, tensor } from '@percept/core';

/** How a parameter is filled before training. */
export type InitializationRule =
  | { readonly kind: 'constant'; readonly value: number }
  /** Normal with mean 0. */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** Uniform in [-bound, bound). */
  | { readonly kind: 'uniform'; readonly bound: number };

/** Gives the first value of a parameter. */
export type Initialize = (name: string, dims: readonly number[], rule: InitializationRule) => Tensor<'float32'>;

/** The same value everywhere: `torch.nn.init.constant_`. */
export const constant = (value: number): InitializationRule => ({ kind: 'constant', value });

/** Normal with mean 0: `torch.nn.init.normal_`. */
export const normal = (deviation: number): InitializationRule => ({ kind: 'normal', deviation });

/** Uniform in [-bound, bound): `torch.nn.init.uniform_`. */
export const uniform = (bound: number): InitializationRule => ({ kind: 'uniform', bound });

/** `torch.nn.init.kaiming_normal_(mode='fan_out')`, He et al. 2015 (arXiv:1502.01852). Groups do not count, as there. */
export function kaimingNormalFanOut(dims: readonly number[]): InitializationRule {
  return normal(Math.sqrt(2 / (dims[0]! * elementCount(dims.slice(2)))));
}

/** `torch.nn.init.kaiming_uniform_(mode='fan_in')`, He et al. 2015 (arXiv:1502.01852). */
export function kaimingUniformFanIn(dims: readonly number[]): InitializationRule {
  return uniform(Math.sqrt(6 / elementCount(dims.slice(1))));
}

/** What `torch.nn.Linear` and `torch.nn.Conv2d` do by themselves, for weight and bias: ±1/√fan-in. `dims` are the weight's. */
export function torchDefault(dims: readonly number[]): InitializationRule {
  return uniform(1 / Math.sqrt(elementCount(dims.slice(1))));
}

/** Draws values by the seed and the parameter's name. */
export function keyedInitialization(seed: number): Initialize {
  return (name, dims, rule) => {
    const values = new Float32Array(elementCount(dims));
    const random = keyedRandom(seed, 'weights', name);
    switch (rule.kind) {
      case 'constant':
        values.fill(rule.value);
        break;
      case 'normal':
        for (let i = 0; i < values.length; i++) values[i] = rule.deviation * random.normal();
        break;
      case 'uniform':
        for (let i = 0; i < values.length; i++) values[i] = random.uniform(-rule.bound, rule.bound);
        break;
    }
    return tensor('float32', dims, values);
  };
}
