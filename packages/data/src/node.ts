import { csv } from './files/csv-file.js';
import { fashionMnist } from './files/fashion-mnist.js';
import { idx } from './files/idx-files.js';
import { mnist } from './files/mnist.js';
import { npy } from './files/npy-file.js';
import { picture } from './files/picture-file.js';

export { csv, fashionMnist, idx, mnist, npy, picture };

/** All datasets that are read from files, for registries. */
export const nodeDatasets = [mnist, fashionMnist, idx, csv, npy, picture] as const;
