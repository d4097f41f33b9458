// The accessibility checker, run through the debugger so that no policy of the page stops it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tool } from './tools.mjs';
import { within } from './wait.mjs';

const source = readFileSync(tool.resolve('axe-core/axe.min.js'), 'utf8');

/** Asserts that axe finds nothing; `state` says where. On a page whose scripts are off it never ends by itself: throws
 * after `ms` milliseconds. */
export async function clean({ page }, state, ms = 30_000) {
  assert.deepEqual(await within(`axe on ${page.url()}, whose scripts must be on`, findings(page), ms), [], state);
}

/** What axe finds, one line a finding: rule, elements, reason. */
async function findings(page) {
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary, html }) => `${id} at ${target.flat().join(' ')}: ${failureSummary} ${html}`));
  });
}
