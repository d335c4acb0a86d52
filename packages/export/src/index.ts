export { type CalibrationOptions, calibrationOf, labelsFor } from './calibration.js';
export { type CheckOptions, checkExport, type ExportCheck } from './check/check-export.js';
export { type ExportedModel, exportModel } from './export-model.js';
export {
  type CalibrationPoint,
  type ExportKind,
  type ExportRequest,
  exportKinds,
  type Sampling,
  type TrainedModel,
} from './request.js';
