import { existsSync } from 'node:fs';

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

/** The browser's program: TWEEDIE_CHROMIUM, or what stands in a usual place; undefined where none. */
export function findChromium() {
  return [process.env.TWEEDIE_CHROMIUM, ...usualPlaces].find(
    (path) => path !== undefined && existsSync(path),
  );
}
