/** What the loader brings to take a `<crm-booking>` over with WebAssembly. */

import { take_over_booking } from 'crm-module';
import { capability } from './capability.js';
import { challenges } from './challenge.js';
import { guardComposing } from './composing.js';
import { context } from './context.js';
import { say } from './events.js';
import { outbox } from './outbox.js';

export { start } from './start.js';

/** Gives a form's proofs of work, the next one solved ahead; nothing where the site, or a request without a form, asks for none. */
const proofs = ({ site, challenge }, gateway) => {
  const known = {};
  return (form) =>
    challenge && form && (known[form] ??= challenges(`${gateway}v1/sites/${site}/challenge?form=${encodeURIComponent(form)}`));
};

/** An instant on the visitor's own clock, where it differs from the site's. */
const own = ({ timeZone, lang }) => (start) => {
  const on = (zone) =>
    new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(new Date(start));
  const mine = on();
  return mine === on(timeZone) ? '' : mine;
};

/** Saves a text as a file. */
const save = (text, name) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/calendar' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

/** Takes a view over: adopts its nodes, and builds what comes next. */
export const takeOver = (host, base, view, options) => {
  base.view = view;
  guardComposing(base);
  const handle = take_over_booking(base, view, {
    ...options,
    practitioner: host.getAttribute('practitioner'),
    capability: capability(),
    challenge: proofs(view.offer, options.gateway),
    say: (name, detail) => say(host, name, detail),
    own: own(view.offer),
    save,
    outbox,
    context,
  });
  if (!handle) throw new Error('not a view');
  return handle;
};
