import pc from 'picocolors';
import { notes } from './output.js';

/** A line on stderr that is redrawn in place on a terminal and printed now and then elsewhere. */
export interface Progress {
  update(done: number, note: string): void;
  finish(): void;
}

export interface ProgressOptions {
  readonly total: number;
  readonly label: string;
  readonly stream?: Pick<typeof notes, 'isTTY' | 'columns' | 'write'>;
  /** Milliseconds between lines where the stream is not a terminal. */
  readonly quietInterval?: number;
}

/** Shows how far work is, its own note (loss, speed), and the time left, from the recent speed. */
export function createProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? notes;
  const interval = stream.isTTY ? 100 : (options.quietInterval ?? 10_000);
  const clock = createClock();
  let shown = Number.NEGATIVE_INFINITY;
  let lastDone = -1;
  const draw = (done: number, note: string) => {
    const left = formatDuration(clock.left(options.total));
    const count = `${done}/${options.total}`;
    if (!stream.isTTY) {
      stream.write(`${options.label} ${count} · ${note} · ${left} left\n`);
      return;
    }
    const text = ` ${count} · ${note} · ${left} left`;
    const room = Math.min(30, (stream.columns ?? 80) - options.label.length - text.length - 4);
    const share = options.total === 0 ? 1 : done / options.total;
    const bar = room >= 8 ? ` ${drawBar(share, room)}` : '';
    stream.write(`\r\u001b[2K${pc.bold(options.label)}${bar}${text}`);
  };
  return {
    update(done, note) {
      clock.tick(done);
      const now = performance.now();
      if (now - shown < interval && done !== options.total) return;
      shown = now;
      lastDone = done;
      draw(done, note);
    },
    finish() {
      if (stream.isTTY && lastDone >= 0) stream.write('\n');
    },
  };
}

/** Time left from the speed of the last half minute, so that a slow start does not mislead. */
function createClock() {
  const window: { at: number; done: number }[] = [];
  return {
    tick(done: number) {
      const at = performance.now();
      window.push({ at, done });
      while (window.length > 2 && at - window[0]!.at > 30_000) window.shift();
    },
    left(total: number): number {
      const oldest = window[0]!;
      const newest = window[window.length - 1]!;
      const speed = (newest.done - oldest.done) / (newest.at - oldest.at);
      return speed > 0 ? (total - newest.done) / speed / 1000 : Number.NaN;
    },
  };
}

/** A bar in eighths of a character. */
export function drawBar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  const part = eighths % 8 === 0 ? '' : '▏▎▍▌▋▊▉'[(eighths % 8) - 1]!;
  return pc.cyan((full + part).padEnd(width, '·'));
}

/** Seconds as '42 s', '3 min 05 s', '2 h 10 min'; '…' when not known yet. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '…';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  }
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}
