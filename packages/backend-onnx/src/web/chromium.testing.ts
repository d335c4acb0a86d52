import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The browser's program: $TWEEDIE_CHROMIUM, $CHROME_PATH, or what stands in a usual place. */
export function findChromium(): string | undefined {
  const named = [process.env.TWEEDIE_CHROMIUM, process.env.CHROME_PATH];
  return [...named, ...usualPlaces].find((path) => path !== undefined && existsSync(path));
}

/** WebGPU is computed by the processor where there is no other (SwiftShader): slow, and right. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-webgpu',
    ],
  });
}
