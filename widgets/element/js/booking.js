/** What the loader brings to take a `<crm-booking>` over with WebAssembly. */

import { take_over_booking } from 'crm-module';
import { capability, show, shown } from './capability.js';
import { challenges } from './challenge.js';
import { guardComposing } from './composing.js';
import { context } from './context.js';
import { say } from './events.js';
import { absolute } from './links.js';
import { outbox } from './outbox.js';

export { start } from './start.js';

/** Gives a form's proofs of work, the next one solved ahead; nothing where the site, or a request without a form, asks for none. */
const proofs = ({ site, challenge }, gateway) => {
  const known = {};
  return (form) =>
    challenge && form && (known[form] ??= challenges(`${gateway}v1/sites/${site}/challenge?form=${encodeURIComponent(form)}`));
};

/** An instant (or now) on the visitor's own clock, where that is not as many minutes ahead of UTC. */
const own = ({ lang }) => (start, offset) => {
  const at = start ? new Date(start) : new Date();
  if (at.getTimezoneOffset() === -offset) return '';
  return new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
};

/** Saves a text as a file. */
const save = (text, name) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/calendar' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

/** Milliseconds after which a slot is handed back whose element has left the page: it may only be shown anew. */
const LEFT = 3_000;

/** Parameters of an address that are a choice's; others, of a campaign for one, stay as they are. */
const OURS = /^(lang|department|service|practitioner|day|as)$/;

/**
 * Follows the steps: on a page of ours each is an entry of its history. Elsewhere the history is the site's, and only
 * what a reload would lose is noted in the entry there is.
 */
const history = ({ site }, gateway) => {
  const ours = location.href.startsWith(`${gateway}b/${site}`);
  let going = true;
  return {
    /** Called back with where the browser's buttons lead. */
    follow: (go, signal) => {
      const back = () => {
        if (!shown().step) return;
        going = true;
        go(location.search, shown().capability ?? '');
      };
      if (ours) addEventListener('popstate', back, { signal });
    },
    visit: (step, address, capability) => {
      if (step === 'opening') return;
      const before = shown();
      const to = new URL(address);
      for (const [name, value] of new URLSearchParams(location.search)) if (!OURS.test(name)) to.searchParams.append(name, value);
      const crm = { step, capability };
      if (ours && before.step !== step && !going) globalThis.history.pushState({ crm }, '', to);
      else if (ours) show(crm, to);
      else if (capability !== (before.capability ?? '')) show(crm);
      going = false;
    },
  };
};

/** What a reload would lose, in this tab alone. */
const stash = (site) => {
  const name = `crm-booking:${site}`;
  return {
    put: (kept) => (kept ? sessionStorage.setItem(name, JSON.stringify(kept)) : sessionStorage.removeItem(name)),
    take: () => {
      const text = sessionStorage.getItem(name);
      sessionStorage.removeItem(name);
      return text ? JSON.parse(text) : undefined;
    },
  };
};

/** Where nothing can be kept, nothing is. */
const tried = (act) => {
  try {
    return act();
  } catch {
    return undefined;
  }
};

/** Takes a view over: adopts its nodes, and builds what comes next. */
export const takeOver = (host, base, view, options) => {
  base.view = view;
  guardComposing(base);
  absolute(base, options.gateway);
  const { site } = view.offer;
  const kept = stash(site);
  const { follow, visit } = history(view.offer, options.gateway);
  const handle = take_over_booking(base, view, {
    ...options,
    practitioner: host.getAttribute('practitioner'),
    capability: capability(),
    kept: tried(kept.take),
    visit,
    challenge: proofs(view.offer, options.gateway),
    say: (name, detail) => say(host, name, detail),
    own: own(view.offer),
    save,
    outbox,
    context,
  });
  if (!handle) throw new Error('not a view');
  const gone = new AbortController();
  follow((address, capability) => handle.visit(address, capability), gone.signal);
  const keep = () => tried(() => kept.put(handle.kept()));
  addEventListener('pagehide', keep, { signal: gone.signal });
  addEventListener('visibilitychange', keep, { signal: gone.signal });
  const dispose = handle.dispose.bind(handle);
  handle.dispose = () => {
    keep();
    gone.abort();
    dispose();
    setTimeout(() => {
      const { held } = tried(kept.take) ?? {};
      if (!held) return;
      const headers = { authorization: `Bearer ${held.token}` };
      fetch(`${options.gateway}v1/sites/${site}/holds/${held.id}`, { method: 'DELETE', headers }).catch(() => {});
    }, LEFT);
  };
  return handle;
};
