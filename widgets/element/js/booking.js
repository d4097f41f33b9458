/** What the loader brings to take a `<crm-booking>` over with WebAssembly. */

import { take_over_booking } from 'crm-module';
import { capability, show, shown } from './capability.js';
import { challenges } from './challenge.js';
import { guardComposing } from './composing.js';
import { context } from './context.js';
import { say } from './events.js';
import { fieldsOf } from './fields.js';
import { absolute, copy, save } from './links.js';
import { isBooking, outbox } from './outbox.js';

export { start } from './start.js';

/** Gives a form's proofs of work, the next one solved ahead; nothing where the site, or a request without a form, asks for none. */
const proofs = ({ site, challenge }, gateway) => {
  const known = {};
  return (form) =>
    challenge && form && (known[form] ??= challenges(`${gateway}v1/sites/${site}/challenge?form=${encodeURIComponent(form)}`));
};

/** What the host hears of an answer of the gateway's. */
const HEARD = {
  'crm-held': ['service', 'practitioner', 'start', 'seconds'],
  'crm-booked': ['id', 'code', 'status', 'service', 'practitioner', 'start'],
  'crm-cancelled': ['id'],
};
const heard = (name, detail) =>
  HEARD[name] ? Object.fromEntries(HEARD[name].map((member) => [member, detail[member]])) : detail;

/** Milliseconds after which a slot is handed back whose element has left the page: it may only be shown anew. */
const LEFT = 3_000;
const leaving = {};

/** Kinds of answers that no device keeps. */
const PRIVATE = /^(consent|file|hidden|resident-id)$/;

/** Where nothing can be kept, nothing is. */
const tried = (act) => {
  try {
    return act();
  } catch {
    return undefined;
  }
};

/**
 * Takes a view over: adopts its nodes, and builds what comes next. Around it: the page's history, what a reload would
 * lose, and what an earlier page could not send.
 *
 * On a page of ours each question is an entry of its history, all of one address: that of a campaign stays. What is one's
 * own, an appointment or a place on the waitlist, takes the last one's place. Elsewhere the history is the site's, and only
 * what leads back to one's own is noted in the entry there is.
 */
export const takeOver = (host, base, view, options) => {
  const { gateway } = options;
  const { site, forms, texts } = view.offer;
  const name = `crm-booking:${site}`;
  const ours = location.href.startsWith(`${gateway}b/${site}`);
  let going = true;
  let step;
  let held;
  let entry;
  let link;

  /** Something is shown; `address` and `capability` lead back to it. */
  const visit = (now, address, capability) => {
    if (now === 'opening') return;
    const before = shown();
    const crm = ours && !capability ? { step: now, address } : { capability };
    step = now;
    link = capability;
    // Browsers bear with a hundred changes in half a minute, and every second something changes that is none of these.
    if (Object.keys(crm).some((part) => crm[part] !== (before[part] ?? ''))) {
      if (crm.step && !going && before.step !== step) history.pushState({ crm }, '');
      else show(crm);
    }
    going = false;
  };

  const sent = {
    put: (one) => outbox.put((entry = one)),
    remove: (key) => {
      if (entry?.key === key) entry = undefined;
      return outbox.remove(key);
    },
  };

  const kept = () => {
    const text = tried(() => sessionStorage.getItem(name));
    tried(() => sessionStorage.removeItem(name));
    return JSON.parse(text ?? '{}');
  };

  /** Keeps in this tab what a reload would lose: the slot, and what was typed. What is being booked the outbox has. */
  const keep = () => {
    kept();
    if (step !== 'details' || link || !held || entry) return;
    const barred = forms.flatMap((form) => fieldsOf({ form })).filter(({ type }) => PRIVATE.test(type)).map(({ name }) => name);
    const typed = Object.fromEntries(Object.entries(handle.get_data()).filter(([name]) => !barred.includes(name)));
    tried(() => sessionStorage.setItem(name, JSON.stringify({ held, typed })));
  };

  const ask = (method, path, token) =>
    fetch(`${gateway}v1/sites/${site}/${path}`, { method, headers: { authorization: `Bearer ${token}` } }).catch(() => {});

  /** The appointment that is shown as a file. Its token stays in a header, so a plain link would not do. */
  const calendar = async () => {
    const [id, token] = link.split('.');
    const answer = await ask('GET', `appointments/${id}/calendar`, token);
    if (answer?.ok) save(await answer.blob(), 'appointment.ics');
    else handle.fail();
  };

  const seen = () => {
    const { top, bottom } = base.getBoundingClientRect();
    return document.visibilityState === 'visible' && navigator.onLine && top < innerHeight && bottom > 0;
  };

  const resume = async () => {
    entry = (await outbox.all()).find((one) => one.site === site && isBooking(one));
    if (!entry) return;
    const { answers, hold, ...of } = JSON.parse(entry.body);
    handle.set_fields(answers);
    // Nobody went there.
    going = true;
    const address = `?service=${of.service}&practitioner=${of.practitioner ?? ''}`;
    handle.resume({ ...entry, address }, hold && { ...of, id: hold, token: entry.token });
  };

  clearTimeout(leaving[name]);
  base.view = view;
  guardComposing(base);
  absolute(base, gateway);
  const before = kept();
  const seconds = Math.floor((before.held?.until - Date.now()) / 1000);
  const handle = take_over_booking(base, view, {
    ...options,
    practitioner: host.getAttribute('practitioner'),
    capability: capability(),
    kept: seconds > 0 ? { ...before.held, seconds } : undefined,
    challenge: proofs(view.offer, gateway),
    say: (name, detail) => {
      if (name === 'crm-held') held = { ...detail, until: Date.now() + detail.seconds * 1000 };
      return say(host, name, heard(name, detail));
    },
    visit,
    discard: () => sent.remove(entry.key),
    outbox: sent,
    context,
  });
  if (!handle) throw new Error('not a view');
  if (before.typed) handle.set_fields(before.typed);
  // Where nothing is kept, there is nothing to send.
  resume().catch(() => {});
  const timer = setInterval(() => handle.tick(seen()), 1_000);
  const gone = new AbortController();
  const listen = (target, type, heard) => target.addEventListener(type, heard, { signal: gone.signal });
  listen(self, 'popstate', () => {
    const { address, capability } = shown();
    if (!ours) return;
    if (capability) location.reload();
    else if (address) going = handle.visit(address);
  });
  listen(self, 'pagehide', keep);
  listen(self, 'visibilitychange', keep);
  listen(base, 'click', ({ target }) => {
    const pressed = target.closest('[data-act]');
    const { act } = pressed?.dataset ?? {};
    if (act === 'copy') copy(pressed, texts['booking.copied']);
    if (act === 'calendar') calendar();
  });
  const dispose = handle.dispose.bind(handle);
  handle.dispose = () => {
    keep();
    clearInterval(timer);
    gone.abort();
    dispose();
    // Unless the element is only shown anew, nobody needs the slot.
    leaving[name] = setTimeout(() => {
      const { held } = kept();
      if (held) ask('DELETE', `holds/${held.id}`, held.token);
    }, LEFT);
  };
  return handle;
};
