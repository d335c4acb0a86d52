// The data sets that are read from files, a line each: what is exported here is exported by
// '@tweedie/data/node' and listed in `nodeDatasets`.
export { csv } from './csv-file.js';
export { fashionMnist } from './fashion-mnist.js';
export { idx } from './idx-files.js';
export { mnist } from './mnist.js';
export { npy } from './npy-file.js';
export { picture } from './picture-file.js';
