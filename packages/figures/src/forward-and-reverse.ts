import { levelAt, type Schedule, timeRange } from '@tweedie/core';
import { image, type Link, type Mark, type Panel } from '@tweedie/plots';
import { noised } from './arrays.js';
import { type DrawnFigure, type FigureContext, scaled } from './context.js';
import { openDigits, reverseChain } from './digits.js';
import { lineChains } from './line-chains.js';

/** The times at which the chains of digits are shown, as shares of T. */
const shares = [0, 0.15, 0.3, 0.5, 0.75, 1];

/** Forward and reverse chains: of digits, and of a density on the line that is known exactly. */
export async function forwardAndReverseFigure(context: FigureContext): Promise<DrawnFigure> {
  const rng = context.rng.fork('figure 4');
  const digits = await openDigits(context);
  try {
    const { schedule, example, description } = digits;
    context.report({ task: `Figure 4: reverse chain of digits (${description})` });
    const steps = schedule.time.kind === 'discrete' ? schedule.time.steps : 1000;
    const reverseSteps = Math.min(steps, scaled(context, steps, 20));
    const levels = shares.map((share) => shownLevel(schedule, share));
    // The same noise at every time, so that the chain is seen to lose one and the same digit.
    const noise = rng.fork('forward').normal(example.shape);
    const forward = levels.map((level) => noised(example, level, noise));
    const reverse = await reverseChain(context, digits, reverseSteps, shares, rng.fork('reverse'));
    context.report({ task: 'Figure 4: chains on the line' });
    const line = await lineChains(context, rng.fork('line'));

    const isUnscaled = schedule.alpha(timeRange(schedule)[1]) === 1;
    const titles = shares.map((share) =>
      share === 1 ? 'x_{T}' : `x_{${Math.round(share * steps)}}`,
    );
    const digitPanel = (mark: Mark, i: number): Panel => ({
      title: titles[i]!,
      bare: true,
      equalAspect: true,
      marks: [mark],
    });
    // Grey reaches as far as the values do: to ±1 where signal and noise add up to 1.
    const picture = (pixels: (typeof forward)[number], i: number) => {
      const reach = Math.hypot(levels[i]!.alpha, levels[i]!.sigma);
      return image(pixels, { range: [-reach, reach] });
    };
    const links = titles.slice(1).flatMap((_, i): Link[] => [
      { from: [0, i], to: [0, i + 1], label: 'q' },
      { from: [1, i + 1], to: [1, i], label: digits.reverseLabel, dash: [6, 4] },
    ]);
    return {
      figure: {
        title: 'Forward and reverse diffusion',
        subtitle: `q adds noise until nothing is left of the data; the reverse chain takes it away again, in ${reverseSteps} steps`,
        alignColumns: false,
        rowHeight: [150, 150, 300],
        panels: [
          forward.map((pixels, i) => ({
            ...digitPanel(picture(pixels, i), i),
            note: isUnscaled
              ? `σ = ${levels[i]!.sigma === 0 ? '0' : levels[i]!.sigma.toFixed(2)}`
              : `ᾱ = ${(levels[i]!.alpha ** 2).toFixed(2)}`,
          })),
          reverse.map((pixels, i) => digitPanel(picture(pixels, i), i)),
          line,
        ],
        links,
        caption:
          `Top: a digit of MNIST in q(x_{t} | x_{0}) = ${isUnscaled ? 'N(x_{0}, σ_{t}² I)' : 'N(√ᾱ_{t} x_{0}, (1 − ᾱ_{t}) I)'}. Middle, from right to left: ${digits.caption} ` +
          'Bottom: the distribution of x_{t} for two Gaussians on the line, the colours √q; left, paths of the forward chain; right, of the ' +
          'reverse chain (DDPM’s sampler with the exact E[x_{0} | x_{t}]).',
      },
      numbers: { digits: description, steps, reverseSteps },
    };
  } finally {
    await digits.dispose();
  }
}

/** The level at a share of T; without noise at 0. */
function shownLevel(schedule: Schedule, share: number): { alpha: number; sigma: number } {
  if (share === 0) return { alpha: 1, sigma: 0 };
  const { time } = schedule;
  const t =
    time.kind === 'discrete'
      ? Math.round(share * (time.steps - 1))
      : time.start + share * (time.end - time.start);
  return levelAt(schedule, t);
}
