/** What the loader brings to take a `<crm-contact>` over with WebAssembly. */

import { take_over_contact } from 'crm-module';
import { challenges } from './challenge.js';
import { guardComposing } from './composing.js';
import { context } from './context.js';
import { say } from './events.js';
import { outbox } from './outbox.js';

export { start } from './start.js';

const challengesOf = ({ site, form }, gateway) =>
  challenges(`${gateway}v1/sites/${encodeURIComponent(site)}/challenge?form=${encodeURIComponent(form.id)}`);

/** Takes a view over: hydrates rendered nodes, or renders where there are none. */
export const takeOver = (host, base, view, options) => {
  base.view = view;
  guardComposing(base);
  const page = { say: (name, detail) => say(host, name, detail), outbox, context };
  if (view.challenge) page.challenges = challengesOf(view, options.gateway);
  const handle = take_over_contact(base, view, { ...options, ...page });
  if (!handle) throw new Error('not a view');
  return handle;
};
