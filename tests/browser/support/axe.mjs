// The accessibility checker, run through the debugger so that no policy of the page stops it.
import { readFileSync } from 'node:fs';
import { tool } from './tools.mjs';

const source = readFileSync(tool.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page, one line a finding: rule, elements, reason. `within` narrows it to a selector. */
export async function findings(page, within) {
  await page.evaluate(source);
  return page.evaluate(async (within) => {
    const options = { resultTypes: ['violations'] };
    const { violations } = await window.axe.run(within ?? document, options);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary, html }) => `${id} at ${target.flat().join(' ')}: ${failureSummary} ${html}`));
  }, within);
}
