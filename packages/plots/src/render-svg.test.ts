import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { checkXml, elements } from './check-xml.testing.js';
import { category } from './colour/palette.js';
import { hexColour, rampColour } from './colour/ramps.js';
import {
  arrow,
  arrows,
  bars,
  cellCentres,
  contours,
  curve,
  evaluateGrid,
  type Figure,
  heatmap,
  histogram,
  horizontalRule,
  image,
  line,
  lines,
  type Panel,
  points,
  renderSvg,
  text,
  verticalRule,
} from './index.js';

const square = { x: [-2, 2], y: [-2, 2], columns: 8, rows: 8 } as const;
const field = cellCentres(square);
const rotation = field.map(([x, y]): [number, number] => [-y, x]);
const hill = evaluateGrid(square, (x, y) => Math.exp(-(x * x + y * y)));

/** Every mark and every option of a panel once. */
const everything: Figure = {
  title: 'Scores & "fields" <of> everything',
  subtitle: '∇ₓ log p(x)',
  caption: 'A caption that is long enough to be broken into lines. '.repeat(5),
  panels: [
    [
      {
        title: 'points',
        x: { label: 'x₁' },
        y: { label: 'x₂' },
        equalAspect: true,
        marks: [
          ...[0, 1, 2, 3, 4, 5].map((i) =>
            points([[i / 2, (i % 3) - 1]], { ...category(i), label: `shape ${i}` }),
          ),
          points(field, { values: field.map(([x]) => x) }),
        ],
        colourBar: { label: 'x₁' },
      },
      {
        title: 'fields',
        equalAspect: true,
        marks: [
          heatmap(hill, { ramp: 'cividis' }),
          contours(hill, { levels: [0.1, 0.5], label: 'density' }),
          contours(hill, { levels: 3, filled: true, ramp: 'blues', opacity: 0.5 }),
          arrows(field, rotation, { byMagnitude: true, exponent: 0.5, label: 'score' }),
          text([0, 0], 'x_{0} & y', { bold: true }),
          arrow([0, 0], [1, 1]),
        ],
        legend: 'bottom-right',
        colourBar: {},
      },
    ],
    [
      {
        title: 'curves',
        x: { label: 'step', scale: 'log' },
        y: { label: 'loss', scale: 'log' },
        gridLines: 'both',
        marks: [
          curve([1, 10, 100], [3, 2, 1], { error: [0.5, 0.2, 0.1], label: 'mean ± SE' }),
          curve([1, 100], [2, 2], { low: [1, 1], high: [3, 4], ...category(1), label: 'band' }),
        ],
      },
      {
        title: 'bars',
        x: { categories: ['one', 'two'] },
        marks: [
          bars([1, 2], { error: [0.1, 0.2], label: 'a', group: { index: 0, of: 2 } }),
          bars([2, 1], {
            label: 'b',
            hatched: true,
            group: { index: 1, of: 2 },
            texts: ['2', '1'],
          }),
          horizontalRule(1.5, { label: 'truth' }),
        ],
        note: 'a note',
      },
      {
        marks: [
          histogram([0, 1, 1, 2], { bins: 3, as: 'density', errors: true }),
          verticalRule(1),
          lines([field, rotation], { start: 'circle', end: 'arrow' }),
        ],
      },
    ],
    [0, 1].map(() => ({
      bare: true,
      equalAspect: true,
      marks: [image({ data: Float32Array.of(-1, 0, 1, 0), shape: [2, 2] })],
    })),
  ],
  rowHeight: [300, 200, 60],
  links: [
    { from: [2, 0], to: [2, 1], label: 'q(x_{t} | x_{t−1})', at: 0.3 },
    { from: [2, 1], to: [2, 0], label: 'p', at: 0.8, dash: [4, 4] },
  ],
};

const panelOf = (panel: Panel): Figure => ({ panels: [[panel]] });

describe('renderSvg', () => {
  it('makes well-formed XML of every mark, on white, with real text and no ids', () => {
    const svg = renderSvg(everything);
    checkXml(svg);
    expect(svg).toContain('fill="#fff"/>');
    expect(svg).toContain('>Scores &amp; &quot;fields&quot; &lt;of&gt; everything</text>');
    expect(svg).toContain("font-family=\"'DejaVu Sans'");
    expect(svg).not.toMatch(/ id=|<script|<style|NaN|Infinity|undefined/);
  });

  it('is the same to the last byte, every time', () => {
    expect(renderSvg(everything)).toBe(renderSvg(everything));
  });

  it('keeps five thousand points below half a megabyte', () => {
    const many = Array.from({ length: 5000 }, (_, i): [number, number] => [
      Math.sin(i * 12.9898) * 43.75,
      Math.cos(i * 78.233) * 43.75,
    ]);
    expect(renderSvg(panelOf({ marks: [points(many)] })).length).toBeLessThan(500_000);
  });

  it('puts points where their values are', () => {
    const svg = renderSvg(
      panelOf({
        x: { domain: [0, 10] },
        y: { domain: [0, 100] },
        marks: [
          points([
            [0, 0],
            [10, 100],
            [5, 25],
          ]),
        ],
      }),
    );
    const area = elements(svg, 'svg')[1]!;
    const [width, height] = [Number(area.width), Number(area.height)];
    // A tenth of a pixel is what coordinates are rounded to.
    const near = (value: string | undefined, expected: number) =>
      expect(Math.abs(Number(value) - expected)).toBeLessThan(0.11);
    const circles = elements(svg, 'circle');
    near(circles[0]?.cx, 0);
    near(circles[0]?.cy, height);
    near(circles[1]?.cx, width);
    near(circles[1]?.cy, 0);
    near(circles[2]?.cx, width / 2);
    near(circles[2]?.cy, 0.75 * height);
  });

  it('makes units of both axes equally long where that is asked for', () => {
    const svg = renderSvg(
      panelOf({ equalAspect: true, x: { domain: [-4, 4] }, y: { domain: [-3, 3] }, marks: [] }),
    );
    const area = elements(svg, 'svg')[1]!;
    expect(Number(area.width) / Number(area.height)).toBeCloseTo(8 / 6, 3);
  });

  it('keeps everything inside the figure and panels apart', () => {
    const svg = renderSvg(everything);
    const [whole, ...areas] = elements(svg, 'svg').map((area) => ({
      left: Number(area.x ?? 0),
      top: Number(area.y ?? 0),
      right: Number(area.x ?? 0) + Number(area.width),
      bottom: Number(area.y ?? 0) + Number(area.height),
    }));
    expect(areas).toHaveLength(7);
    areas.forEach((a, i) => {
      expect(a.left).toBeGreaterThanOrEqual(0);
      expect(a.right).toBeLessThanOrEqual(whole!.right);
      expect(a.bottom).toBeLessThanOrEqual(whole!.bottom);
      for (const b of areas.slice(i + 1)) {
        const apart = a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
        expect(apart).toBe(true);
      }
    });
  });

  it('lines up columns of rows that have as many panels, unless alignColumns is false', () => {
    const rows = [
      [{ y: { label: 'y' }, marks: [heatmap(hill)], colourBar: {} }, { marks: [] }],
      [{ marks: [] }, { y: { domain: [0, 100000] as const }, marks: [] }],
    ];
    const lefts = (alignColumns: boolean) =>
      elements(renderSvg({ panels: rows, alignColumns }), 'svg')
        .slice(1)
        .map(({ x }) => x);
    const aligned = lefts(true);
    expect(aligned[0]).toBe(aligned[2]);
    expect(aligned[1]).toBe(aligned[3]);
    expect(lefts(false)[0]).not.toBe(lefts(false)[2]);
  });

  it('has no empty figures, no narrow ones, and links between neighbours only', () => {
    expect(() => renderSvg({ panels: [] })).toThrow(/no panels/);
    expect(() => renderSvg({ panels: [[]] })).toThrow(/no panels/);
    expect(() => renderSvg({ width: 10, panels: [[{ marks: [] }]] })).toThrow(/width is 10/);
    expect(() =>
      renderSvg({ panels: [[{ marks: [] }]], links: [{ from: [0, 0], to: [0, 1] }] }),
    ).toThrow(/link runs from panel \[0, 0\] to panel \[0, 1\]/);
  });

  it('names panel and mark where a log axis meets zero or less', () => {
    expect(() =>
      renderSvg(
        panelOf({
          title: 'Error',
          y: { scale: 'log' },
          marks: [curve([1, 2], [1, 0], { label: 'learned' })],
        }),
      ),
    ).toThrow(/panel 'Error': curve 'learned' reaches 0 on a logarithmic y axis/);
  });

  it('wants something to explain by a colour bar', () => {
    expect(() => renderSvg(panelOf({ marks: [points([])], colourBar: {} }))).toThrow(
      /colour bar and no mark that is coloured by value/,
    );
  });

  it('draws an empty panel with no data at all', () => {
    checkXml(renderSvg(panelOf({ marks: [points([]), lines([]), curve([], [])] })));
  });
});

describe('embedded images', () => {
  const embedded = (svg: string) => {
    const uri = elements(svg, 'image')[0]!.href!;
    return decode(Uint8Array.from(atob(uri.split(',')[1]!), (char) => char.charCodeAt(0)));
  };

  it('hold a heatmap, one pixel a cell, the highest row on top', () => {
    const grid = { x: [0, 2], y: [0, 2], columns: 2, rows: 2, values: [0, 1, 2, 3] } as const;
    const png = embedded(renderSvg(panelOf({ marks: [heatmap(grid)] })));
    expect([png.width, png.height, png.channels]).toEqual([2, 2, 3]);
    const colours = [0, 1, 2, 3].map((i) => {
      const [r, g, b] = png.data.slice(3 * i, 3 * i + 3);
      return hexColour([r!, g!, b!]);
    });
    const expected = [2, 3, 0, 1].map((value) => hexColour(rampColour('viridis', value / 3)));
    expect(colours).toEqual(expected);
  });

  it('hold grey and RGB pictures, clipped to their range', () => {
    const grey = image({ data: Float32Array.of(-1, 1, 0, 9), shape: [2, 2, 1] });
    expect([...embedded(renderSvg(panelOf({ marks: [grey] }))).data]).toEqual([0, 255, 128, 255]);
    const rgb = image({ data: Float32Array.of(0, 0.5, 1), shape: [1, 1, 3] }, { range: [0, 1] });
    expect([...embedded(renderSvg(panelOf({ marks: [rgb] }))).data]).toEqual([0, 128, 255]);
  });
});

describe('what marks refuse', () => {
  const nan = Number.NaN;
  it.each([
    [() => points([[0, nan]], { label: 'data' }), /points 'data': y is NaN at item 0/],
    [() => points([[0, 0]], { values: [nan] }), /points: value is NaN at item 0/],
    [() => points([[0, 0]], { values: [1, 2] }), /1 of points, 2 of values/],
    [() => points({ data: new Float32Array(3), shape: [1, 3] }), /shape \[1, 3\]/],
    [() => points([[0, 0]], { values: [1], ramp: 'jet' as 'greys' }), /colour map is 'jet'/],
    [() => arrows([[0, 0]], []), /1 of points, 0 of vectors/],
    [() => arrows([[0, 0]], [[nan, 0]]), /arrows: x of a vector is NaN/],
    [() => line([[Number.POSITIVE_INFINITY, 0]]), /lines: x is Infinity/],
    [() => lines([[[0, 0]], [[0, nan]]]), /y of path 1 is NaN/],
    [() => curve([1, 2], [1]), /2 of x, 1 of y/],
    [() => curve([1], [1], { error: [nan], label: 'loss' }), /curve 'loss': error is NaN/],
    [() => contours({ ...hill, columns: 3 }), /3 × 8 cells and 64 values/],
    [() => contours(hill, { levels: 0 }), /levels is 0/],
    [() => heatmap({ ...hill, x: [1, 1] }), /x is \[1, 1\]/],
    [() => heatmap(hill, { scale: 'log', domain: [0, 1] }), /\[0, 1\] on a log scale/],
    [() => heatmap({ ...hill, values: hill.values.length ? Array(64).fill(nan) : [] }), /NaN/],
    [() => image({ data: new Float32Array(4), shape: [4] }), /an image has the shape \[4\]/],
    [() => image({ data: Float32Array.of(nan), shape: [1, 1] }), /pixel is NaN/],
    [() => bars([1], { x: [1, 2] }), /1 of heights, 2 of x/],
    [() => bars([1], { width: 0 }), /width is 0/],
    [() => histogram([1, 2], { bins: 0.5 }), /bins is 0.5/],
    [() => histogram([1, nan]), /histogram: value is NaN at item 1/],
    [() => horizontalRule(nan, { label: 'truth' }), /horizontal rule 'truth': its value is NaN/],
    [() => text([nan, 0], 'here'), /text 'here': a coordinate is NaN/],
    [() => evaluateGrid({ ...square, rows: 0 }, () => 0), /rows is 0/],
  ])('case %#', (make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ name: 'TweedieError', package: 'plots' }));
  });
});

describe('histogram', () => {
  it('has area one as a density, with the errors of a binomial count', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i / 1000) ** 2);
    const mark = histogram(values, { bins: 10, range: [0, 1], as: 'density' });
    const heights: number[] = [];
    const frame = { width: 1, height: 1, x: (x: number) => x * 1000, y: (y: number) => y * -1000 };
    for (const [, top] of mark.draw(frame).matchAll(/M[^ ]+ (-?[\d.]+)H/g)) {
      heights.push(-Number(top) / 1000);
    }
    expect(heights).toHaveLength(10);
    // Pixel coordinates are rounded to 0.1, a thousandth of a unit here being one pixel.
    expect(heights.reduce((sum, height) => sum + height * 0.1, 0)).toBeCloseTo(1, 3);
  });
});
