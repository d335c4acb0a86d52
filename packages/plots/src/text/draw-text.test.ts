import { describe, expect, it } from 'vitest';
import { drawText, escapeXml } from './draw-text.js';

describe('escapeXml', () => {
  it('escapes what XML gives a meaning, and drops what XML cannot hold', () => {
    expect(escapeXml('a < b & "c" > d')).toBe('a &lt; b &amp; &quot;c&quot; &gt; d');
    expect(escapeXml('a\u0000\u0007b\ud800c\uffff')).toBe('abc');
    expect(escapeXml('∇ σ₁ 𝒩 −')).toBe('∇ σ₁ 𝒩 −');
  });
});

describe('drawText', () => {
  it('lowers and raises, and comes back to the line', () => {
    expect(drawText('x_{t−1} = 10^{2} y', 5, 7, { size: 20 })).toBe(
      '<text x="5" y="7" font-size="20" fill="#222">x' +
        '<tspan dy="4.4" font-size="14.4">t−1</tspan>' +
        '<tspan dy="-4.4" font-size="20"> = 10</tspan>' +
        '<tspan dy="-7.6" font-size="14.4">2</tspan>' +
        '<tspan dy="7.6" font-size="20"> y</tspan></text>',
    );
  });

  it('leaves other braces, underscores and carets alone', () => {
    expect(drawText('a_b^c {d}', 0, 0, { size: 10 })).toContain('>a_b^c {d}</text>');
  });
});
