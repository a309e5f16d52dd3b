/** What a user does without thinking about it: look whether something came of a click, and do it again if nothing did. */
import { stripVTControlCharacters } from 'node:util';
import { errors, type Locator } from 'playwright-core';
import { patience } from './patience.ts';

/** Milliseconds for what a page does at once, also while the machine is busy. */
export const momentMs = 2_000;
/** Milliseconds after which nothing will come of it any more. */
export const settlingMs = 15_000;

/** Acts until `reached` resolves. What gives up with Playwright's timeout is repeated. */
export async function repeat(act: () => Promise<unknown>, reached: () => Promise<unknown> = done, timeout = patience): Promise<void> {
  for (const deadline = Date.now() + timeout; ;) {
    try {
      await act();
      await reached();
      return;
    } catch (error) {
      if (!isPassing(error) || Date.now() > deadline) throw error;
      // For whoever reads the log of a slow or failed test.
      console.log(`once more: ${stripVTControlCharacters(error.message).split('\n').slice(0, 3).join(' ')}`);
    }
  }
}

const done = async () => {};

/** It was not in view yet, or was taken out of the page before it could be used. */
function isPassing(error: unknown): error is Error {
  return error instanceof errors.TimeoutError || (error instanceof Error && error.message.includes('not attached to the DOM'));
}

type ClickOptions = { timeout?: number; position?: { x: number; y: number }; hover?: Locator };

/**
 * Clicks exactly once, on anything but a text editor, which is redrawn when it is pressed. What is redrawn between the press and the
 * release of the button, as lists and toolbars are, hears of no click; then it is clicked again. `hover`: over which it appears.
 */
export async function click(target: Locator, { timeout = patience, hover, ...options }: ClickOptions = {}): Promise<void> {
  const act = async () => {
    await hover?.hover({ timeout: momentMs });
    await clickHeard(target, 'click', { timeout, ...options });
  };
  await repeat(act, done, timeout);
}

/** Once. @throws Playwright's TimeoutError when the target, as it was then, heard nothing of `event` */
export async function clickHeard(
  target: Locator,
  event: 'click' | 'mouseup',
  { timeout = patience, ...options }: Omit<ClickOptions, 'hover'> = {},
): Promise<void> {
  const element = await target.elementHandle({ timeout: Math.min(timeout, settlingMs) });
  const state = await element.evaluateHandle((node, type) => {
    const state = { heard: false };
    node.addEventListener(type, () => (state.heard = true), { once: true, capture: true });
    return state;
  }, event);
  const heard = () => state.evaluate(({ heard: it }) => it);
  try {
    await element.click({ timeout: momentMs, ...options });
  } catch (error) {
    // On a busy machine the page may hear of it before the browser's answer is here.
    if (!(await heard())) throw error;
  }
  if (!(await heard())) throw new errors.TimeoutError(`${String(target)} heard of no ${event}.`);
}
