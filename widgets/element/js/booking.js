/** What the loader brings to take a `<crm-booking>` over with WebAssembly. */

import { take_over_booking } from 'crm-module';
import { capability, show, shown } from './capability.js';
import { challenges } from './challenge.js';
import { guardComposing } from './composing.js';
import { context } from './context.js';
import { say } from './events.js';
import { fieldsOf } from './fields.js';
import { absolute, copy, save } from './links.js';
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

/** Parameters of an address that are a choice's; others, of a campaign for one, stay as they are. */
const OURS = /^(lang|department|service|practitioner|day|as)$/;

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
 * One element's surroundings: the page's history, what a reload would lose, and what an earlier page could not send.
 *
 * On a page of ours each step is an entry of its history. Elsewhere the history is the site's, and only what leads back
 * to an appointment is noted in the entry there is.
 */
class Around {
  #going = true;
  #crm = {};
  #held;

  constructor(host, base, { offer }, gateway) {
    Object.assign(this, { host, base, offer, gateway });
    this.site = `${gateway}v1/sites/${offer.site}/`;
    this.name = `crm-booking:${offer.site}`;
    this.ours = location.href.startsWith(`${gateway}b/${offer.site}`);
  }

  say(name, detail) {
    if (name === 'crm-held') this.#held = { ...detail, until: detail.until ?? Date.now() + detail.seconds * 1000 };
    return say(this.host, name, heard(name, detail));
  }

  /** Something is shown; `capability` leads back to it. */
  visit(step, address, capability) {
    if (step === 'opening') return;
    const before = shown();
    const crm = (this.#crm = { step, capability });
    if (this.ours) {
      const to = new URL(address);
      for (const [name, value] of new URLSearchParams(location.search)) {
        if (!OURS.test(name)) to.searchParams.append(name, value);
      }
      // Where the page was opened, or the browser went, its address is right already.
      if (this.#going) show(crm);
      else if (before.step === step) show(crm, to);
      else history.pushState({ crm }, '', to);
    } else if (capability !== (before.capability ?? '')) show(crm);
    this.#going = false;
  }

  /** The browser's buttons were pressed. */
  back(handle) {
    if (!this.ours || !shown().step) return;
    this.#going = true;
    handle.visit(location.search, shown().capability ?? '');
  }

  /** Keeps in this tab what a reload would lose: the slot, and what was typed. */
  keep(handle) {
    tried(() => {
      sessionStorage.removeItem(this.name);
      if (this.#crm.step !== 'details' || this.#crm.capability || !this.#held) return;
      const kinds = Object.fromEntries(this.offer.forms.flatMap((form) => fieldsOf({ form }).map(({ name, type }) => [name, type])));
      const typed = Object.entries(handle.get_data()).filter(([name]) => !PRIVATE.test(kinds[name.split('.')[0]]));
      sessionStorage.setItem(this.name, JSON.stringify({ held: this.#held, typed: Object.fromEntries(typed) }));
    });
  }

  take() {
    const text = tried(() => sessionStorage.getItem(this.name));
    tried(() => sessionStorage.removeItem(this.name));
    const { held, typed } = JSON.parse(text ?? '{}');
    const seconds = held && Math.floor((held.until - Date.now()) / 1000);
    return { typed, held: seconds > 0 ? { ...held, seconds } : undefined };
  }

  /** Hands the slot back that was kept last, unless the element is only shown anew. */
  leave() {
    const { held } = this.take();
    if (held) this.ask('DELETE', `holds/${held.id}`, held.token);
  }

  ask(method, path, token) {
    return fetch(this.site + path, { method, headers: { authorization: `Bearer ${token}` } }).catch(() => {});
  }

  /** The appointment that is shown as a file. Its token stays in a header, so a plain link would not do. */
  async calendar(handle) {
    const [id, token] = this.#crm.capability.split('.');
    const answer = await this.ask('GET', `appointments/${id}/calendar`, token);
    const code = this.base.querySelector('[part=code]')?.textContent ?? 'appointment';
    if (answer?.ok) save(await answer.blob(), `${code}.ics`);
    else handle.fail();
  }

  seen() {
    const { top, bottom } = this.base.getBoundingClientRect();
    return document.visibilityState === 'visible' && navigator.onLine && top < innerHeight && bottom > 0;
  }

  /** Sends what an earlier page of this visitor could not. */
  async resume(handle) {
    const ours = ({ site, url }) => site === this.offer.site && /\/(appointments|waitlist)$/.test(url);
    this.entry = (await outbox.all()).find(ours);
    if (!this.entry) return;
    const { answers, hold, ...of } = JSON.parse(this.entry.body);
    handle.set_fields(answers);
    const address = `?service=${of.service}&practitioner=${of.practitioner ?? ''}`;
    handle.resume(this.entry, address, hold && { ...of, id: hold, token: this.entry.token });
  }
}

/** Takes a view over: adopts its nodes, and builds what comes next. */
export const takeOver = (host, base, view, options) => {
  base.view = view;
  guardComposing(base);
  absolute(base, options.gateway);
  const around = new Around(host, base, view, options.gateway);
  const { held, typed } = around.take();
  const handle = take_over_booking(base, view, {
    ...options,
    practitioner: host.getAttribute('practitioner'),
    capability: capability(),
    kept: held,
    challenge: proofs(view.offer, options.gateway),
    say: (...heard) => around.say(...heard),
    visit: (...shown) => around.visit(...shown),
    seen: () => around.seen(),
    discard: () => outbox.remove(around.entry.key),
    own: own(view.offer),
    outbox: { put: (entry) => outbox.put((around.entry = entry)), remove: (key) => outbox.remove(key) },
    context,
  });
  if (!handle) throw new Error('not a view');
  if (typed) handle.set_fields(typed);
  // Where nothing is kept, there is nothing to send.
  around.resume(handle).catch(() => {});
  const gone = new AbortController();
  const listen = (target, type, heard) => target.addEventListener(type, heard, { signal: gone.signal });
  listen(self, 'popstate', () => around.back(handle));
  for (const type of ['pagehide', 'visibilitychange']) listen(self, type, () => around.keep(handle));
  listen(base, 'click', ({ target }) => {
    const pressed = target.closest('[data-act]');
    const { act } = pressed?.dataset ?? {};
    if (act === 'copy') copy(pressed, view.offer.texts['booking.copied']);
    if (act === 'calendar') around.calendar(handle);
  });
  const dispose = handle.dispose.bind(handle);
  handle.dispose = () => {
    around.keep(handle);
    gone.abort();
    dispose();
    setTimeout(() => around.leave(), LEFT);
  };
  return handle;
};
