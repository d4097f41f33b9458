/** Says above a form what became of an enquiry that an earlier page could not send. */

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
  const notice = Object.assign(document.createElement('p'), { role: 'status' });
  notice.setAttribute('part', 'notice');
  notice.dataset.key = key;
  base.before(notice);
  return notice;
};

/**
 * Shows the state of an entry.
 * @param {{key: string, site: string, form: string, body: string}} entry
 * @param {'waiting' | 'sent' | 'refused'} state what was refused is put back into the form, if that is empty
 * @param {string} [receipt] the code the visitor can quote
 */
export const notice = async (entry, state, receipt = '') => {
  const { host, base } = (await formOf(entry)) ?? {};
  if (!base) return;
  const shown = line(base, entry.key);
  shown.dataset.state = state;
  shown.textContent = base.view.texts[`notice.${state}`].replace('{receipt}', receipt);
  const empty = !Object.values(host.getData()).some((answer) => String(answer).trim());
  if (state === 'refused' && empty) host.setFields(JSON.parse(entry.body).answers);
};
