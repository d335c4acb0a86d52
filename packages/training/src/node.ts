export { writeFileAtomic } from './node/atomic-file.js';
export {
  type FoundCheckpoint,
  latestCheckpoint,
  listCheckpoints,
  readCheckpoint,
  saveCheckpoint,
} from './node/checkpoint-folder.js';
export { type LoadedRun, type LoadRunOptions, loadRun } from './node/load-run.js';
export { makeFolders } from './node/make-folders.js';
export { type MetricsRecord, readMetrics } from './node/metrics-file.js';
export { openRunFolder, type RunFolder, type RunFolderOptions } from './node/run-folder.js';
export { readRunConfig, runPaths, type StoredRunOptions } from './node/stored-run.js';
