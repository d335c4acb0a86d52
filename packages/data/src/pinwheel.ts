import { defineFactory, integer, number } from '@tweedie/core';
import { planeDataset } from './plane-dataset.js';

/**
 * Arms of a pinwheel, one a class: a normal cloud around (1, 0), turned by the angle of its arm and, in
 * addition, by bend · exp(radius). Johnson et al., "Composing graphical models with neural networks"
 * (2016).
 */
export const pinwheel = defineFactory({
  owner: 'data',
  id: 'pinwheel',
  doc: 'bent arms around a centre',
  source: 'Johnson et al. 2016',
  options: {
    arms: integer({ default: 5, min: 2, max: 1000, doc: 'number of arms' }),
    radial: number({
      default: 0.3,
      min: 0,
      doc: 'standard deviation along an arm; its middle is at 1',
    }),
    tangential: number({ default: 0.1, min: 0, doc: 'standard deviation across an arm' }),
    bend: number({ default: 0.25, doc: 'how far the arms bend' }),
    noise: number({ default: 0, min: 0, doc: 'standard deviation of further noise' }),
  },
  create: ({ arms, radial, tangential, bend, noise }) =>
    planeDataset({
      classes: arms,
      noise,
      centre: [0, 0],
      spread: 1 + radial ** 2 + tangential ** 2,
      point(label, _u, z) {
        const along = 1 + radial * z[0];
        const across = tangential * z[1];
        const angle = (2 * Math.PI * label) / arms + bend * Math.exp(along);
        const cos = Math.cos(angle);
        const sin = Math.sin(angle);
        return [along * cos - across * sin, along * sin + across * cos];
      },
    }),
});
