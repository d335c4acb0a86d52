// The side of jax-js in a browser.
import { answerInPage } from './answer-in-page.mjs';
import { side } from './jax-side.mjs';

answerInPage(side);
