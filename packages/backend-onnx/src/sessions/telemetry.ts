/**
 * Turns off the telemetry of onnxruntime-node, unless the user's environment says otherwise. Left to
 * itself its native library (1.30, Linux) writes a device id and an event database into
 * `~/.cache/Microsoft` and a log into the temporary folder, and looks up a host for events. It reads the
 * environment of the process when it is loaded, so this comes first. In a thread of the user's own, whose
 * `process.env` is a copy, `ORT_DISABLE_TELEMETRY=1` must be set in the main thread.
 */
export function turnOffTelemetry(): void {
  // Browsers have neither a process nor this library.
  if (typeof process === 'undefined' || process.env === undefined) return;
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
