// A visitor of a host page: a tab, what it hears and stores, and the verbs of somebody who fills in a form.
import { randomBytes } from 'node:crypto';
import { until } from './wait.mjs';

/** A word that appears nowhere else, to find one enquiry again at the gateway and the CRM. */
export const token = () => `T${randomBytes(6).toString('hex')}`;

/** A small phone. */
export const PHONE = { viewport: { width: 360, height: 740 } };

/** A browser whose scripts are off; Playwright's own locators see through declarative shadow roots. */
export const SCRIPTLESS = { javaScriptEnabled: false };

/** A telephone number nobody else has. */
export const phone = () => `13${String(Math.floor(Math.random() * 1e9)).padStart(9, '0')}`;

/** An enquiry that is complete. */
export const enquiry = (mark) => ({ name: `Mia ${mark}`, email: 'mia@example.com', message: `Question ${mark}` });

/** Runs in the page before anything else: notes events of elements and violations of the page's policy. */
const notes = () => {
  window.heard = [];
  window.violations = [];
  const words = ['ready', 'open', 'close', 'start', 'change', 'step', 'submit', 'submitted', 'held', 'booked', 'cancelled', 'error'];
  for (const name of words.map((word) => `crm-${word}`)) {
    document.addEventListener(name, ({ detail, target, composed, cancelable }) =>
      window.heard.push({ name, detail: detail ?? null, target: target.localName, composed, cancelable }));
  }
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
    window.violations.push(`${effectiveDirective} ${blockedURI}`));
};

export class Visitor {
  /** Opens `url` in a new tab of `context` (or of a fresh context of a browser). `pick` selects the element. */
  static async open(context, url, { pick = 'crm-contact', options = {} } = {}) {
    const visitor = new Visitor();
    visitor.context = context.newContext ? await context.newContext(options) : context;
    visitor.context.setDefaultTimeout(15_000);
    visitor.page = await visitor.context.newPage();
    visitor.pick = pick;
    visitor.faults = [];
    visitor.page.on('pageerror', (error) => visitor.faults.push(String(error)));
    await visitor.page.addInitScript(notes);
    await visitor.page.goto(url);
    return visitor;
  }

  /** Something inside the element. */
  find(selector) {
    return this.page.locator(this.pick).locator(selector);
  }

  /** The control of a field. */
  field(name) {
    return this.find(`[name="${name}"]`);
  }

  button(part) {
    return this.find(`[part~="${part}"]`);
  }

  /** Types an enquiry and agrees. */
  async fill(answers, agree = true) {
    for (const [name, text] of Object.entries(answers)) await this.field(name).fill(text);
    if (agree) await this.field('privacy').check();
  }

  submit() {
    return this.button('submit').click();
  }

  /** Waits until the thank-you is there, and returns its receipt code. */
  async thanked(ms = 20_000) {
    const thanks = this.button('thanks');
    await thanks.waitFor({ state: 'visible', timeout: ms });
    return until('a receipt code', async () => (await thanks.innerText()).match(/[0-9A-Z]{4}-[0-9A-Z]{4}/)?.[0]);
  }

  /** Waits until the visitor is told that the enquiry waits to be sent, and returns the sentence. */
  async waits() {
    const status = this.find('[data-phase$="waiting"]');
    await status.waitFor({ state: 'visible' });
    return status.innerText();
  }

  /** Waits until the first view is there. */
  ready() {
    return until('crm-ready', async () => (await this.heard('crm-ready')).length > 0);
  }

  /** Waits until WebAssembly has taken the first view over. */
  hydrated() {
    return this.find('[part~="base"][data-by="wasm"]').waitFor({ state: 'attached' });
  }

  /** Waits until the plain way has taken it over. */
  plain() {
    return this.find('[part~="base"][data-by="plain"]').waitFor({ state: 'attached' });
  }

  /** Whether the plain way has taken it over. */
  async isPlain() {
    return (await this.find('[part~="base"]').getAttribute('data-by')) === 'plain';
  }

  /** An input method: composes a text, presses Enter in it (by key code; 229 is what most methods report), commits. */
  async keys() {
    const debug = await this.context.newCDPSession(this.page);
    const key = { type: 'keyDown', key: 'Enter', code: 'Enter', text: '\r' };
    return {
      compose: (text) => debug.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length }),
      enter: (windowsVirtualKeyCode) => debug.send('Input.dispatchKeyEvent', { ...key, windowsVirtualKeyCode }),
      commit: (text) => debug.send('Input.insertText', { text }),
    };
  }

  /** Events heard so far, of one name or all. */
  heard(name) {
    return this.page.evaluate((name) => window.heard.filter((event) => !name || event.name === name), name);
  }

  violations() {
    return this.page.evaluate(() => window.violations);
  }

  /** Calls a method of the element. */
  call(method, ...args) {
    return this.page.locator(this.pick).evaluate((element, [method, args]) => element[method](...args), [method, args]);
  }

  /** Everything this origin keeps on the device. */
  kept() {
    return this.page.evaluate(async () => ({
      cookies: document.cookie,
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      databases: (await indexedDB.databases()).map(({ name }) => name),
    }));
  }

  /** Leaves: the tab and its context. */
  close() {
    return this.context.close();
  }
}
