import { add, reshape } from '@tensorflow/tfjs-core';
import { silu } from '@tweedie/autodiff';
import { defineFactory, integer } from '@tweedie/core';
import { convolution, declaredNetwork, linear, sinusoidal } from './index.js';

/** Three convolutions of square grey images; features of the time are added after the first. */
export const convNet = defineFactory({
  owner: 'mine',
  id: 'conv-net',
  doc: 'three convolutions of a square grey image',
  options: {
    size: integer({ default: 28, min: 1, doc: 'height and width of the image' }),
    features: integer({ default: 32, min: 2, doc: 'channels between the convolutions' }),
  },
  create: ({ size, features }) =>
    declaredNetwork({ name: 'conv-net', itemShape: [size, size, 1], classes: 0 }, (scope) => {
      const waves = sinusoidal({ size: features });
      const embed = linear(scope.within('time'), features, features);
      const conv = (name: string, inputs: number, outputs: number) =>
        convolution(scope.within(name), { inputs, outputs, kernelSize: 3, padding: 1 });
      const [first, second, last] = [
        conv('first', 1, features),
        conv('second', features, features),
        conv('last', features, 1),
      ];
      return (params, x, { time }) => {
        const shift = reshape(embed(params, waves(time)), [-1, 1, 1, features]);
        const h = silu(add(first(params, x), shift));
        return last(params, silu(second(params, h)));
      };
    }),
});
