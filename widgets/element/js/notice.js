/** Says above a form what became of an enquiry that an earlier page could not send. */

import { fieldsOf } from './fields.js';

/** How often, and in which distance in milliseconds, a form is looked for: it comes alive when it comes near. */
const TRIES = 600;
const PAUSE = 500;

const pause = () => new Promise((done) => setTimeout(done, PAUSE));

/** The base of the form that an entry was written in, with the `view` it has once it is alive. */
const formOf = async ({ site, form }) => {
  for (let tries = 0; tries < TRIES; tries++) {
    for (const host of document.querySelectorAll('crm-contact')) {
      const base = host.shadowRoot?.querySelector('[part~=base]');
      if (base?.view?.site === site && base.view.form.id === form) return { host, base };
    }
    await pause();
  }
};

const line = (base, key) => {
  const root = base.getRootNode();
  const shown = [...root.querySelectorAll('[part=notice]')].find((notice) => notice.dataset.key === key);
  if (shown) return shown;
  const notice = Object.assign(document.createElement('p'), { role: 'status', lang: base.lang, dir: base.dir });
  notice.setAttribute('part', 'notice');
  notice.dataset.key = key;
  base.before(notice);
  return notice;
};

/** Whether the form holds something that its definition did not put there. */
const isWritten = (host, view) => {
  const given = new Map(fieldsOf(view).map(({ name, type, value }) => [name, type === 'hidden' || (value ?? '')]));
  return Object.entries(host.getData()).some(([name, answer]) => ![true, String(answer).trim()].includes(given.get(name)));
};

/** A button that puts the answers into the form, and what was there behind the button. */
const swap = (host, label, answers, taken) => {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: label });
  button.addEventListener('click', () => {
    const here = host.getData();
    host.reset();
    host.setFields(answers);
    answers = here;
    taken();
  });
  return button;
};

/**
 * Shows the state of an entry.
 * @param {{key: string, site: string, form: string, body: string}} entry
 * @param {'waiting' | 'sent' | 'refused'} state what was refused is put back into the form, or offered where something
 *   else is written there
 * @param {{receipt?: string, taken?: () => void}} more the code the visitor can quote; `taken` is called once refused
 *   answers are the visitor's again
 */
export const notice = async (entry, state, { receipt = '', taken } = {}) => {
  const { host, base } = (await formOf(entry)) ?? {};
  if (!base) return;
  const { view } = base;
  const shown = line(base, entry.key);
  shown.dataset.state = state;
  shown.textContent = view.texts[`notice.${state}`].replace('{receipt}', receipt);
  if (state !== 'refused') return;
  const { answers } = JSON.parse(entry.body);
  if (isWritten(host, view)) return shown.append(swap(host, view.texts['notice.other'], answers, taken));
  host.setFields(answers);
  for (const act of ['input', 'crm-submit']) host.addEventListener(act, taken, { once: true });
};
