import { defaultGateway, defaultSite, load, shared, style } from './assets.js';
import { say } from './events.js';
import { fromAddress } from './fields.js';
import { FirstView } from './first.js';
import { fetchView, viewIn } from './view.js';
import { idle, near, onIntent, parsed } from './when.js';

/**
 * What all elements share: attributes, their way into the page and out of it, and the methods of the contract.
 *
 * Attributes: `gateway`, `site`, `form` (of a contact), `service`, `department` and `practitioner` (of a booking), `lang`, `mode` (inline, popup, launcher), `loading` (eager, lazy, intent),
 * `label` (of the launcher), `fields` (values by name, JSON), `action` (direct mode), `wasm` (off: never try;
 * on: never look for a policy first).
 *
 * @fires crm-ready the first view can be used
 * @fires crm-start the first input
 * @fires crm-open the dialog of the popup and launcher modes opened; `crm-close`: it closed
 * @fires crm-error detail `{code}`: `unavailable` when no view can be had
 */
export class CrmElement extends HTMLElement {
  static observedAttributes = 'action department form gateway label lang mode practitioner service site'.split(' ');

  /** Counts what was asked for, so that an answer which comes after the next question is dropped. 0 outside a page. */
  #turn = 0;
  #dialog;
  #offering;
  /** The view in the page, and the same while it is on its way. */
  #first;
  #showing;
  /** Values that the page set while there was no view. */
  #values = {};
  /** What the visitor had typed when the element left the page. */
  #typed;

  connectedCallback() {
    // A move in the page is a removal and an insertion: then there is a turn already, and nothing to do.
    if (!this.#turn) this.#begin();
  }

  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.#end());
  }

  attributeChangedCallback(name, before, now) {
    if (name === 'form') this.#typed = undefined;
    // Of attributes that change together only the last one's turn goes on.
    if (this.#turn && before !== now) this.#begin();
  }

  /** Opens the dialog of a popup or launcher. */
  async open() {
    await this.#offering;
    if (!this.#dialog || this.#dialog.open) return;
    this.#dialog.showModal();
    say(this, 'crm-open');
    await this.#show();
    this.#first?.wake();
  }

  /** Closes it. */
  close() {
    this.#dialog?.close();
  }

  /** Sends what was typed, as the form's last button does. */
  async submit() {
    await this.#show();
    this.#first?.submit();
  }

  /** Empties the form. */
  reset() {
    this.#values = {};
    this.#typed = undefined;
    this.#first?.reset();
  }

  /** Fills fields in: `{name: "王小明", topics: ["price"]}`. Consents are left to the visitor. */
  setFields(values) {
    if (this.#first) this.#first.setFields(values);
    else Object.assign(this.#values, values);
  }

  /** What is typed now, by name of the field. */
  getData() {
    return this.#first?.getData() ?? { ...this.#typed, ...this.#values };
  }

  #of(name) {
    return this.getAttribute(name) ?? '';
  }

  get #lang() {
    return this.closest('[lang]')?.lang || document.documentElement.lang || navigator.language;
  }

  get #gateway() {
    return new URL(this.#of('gateway') || defaultGateway, document.baseURI).href.replace(/\/?$/, '/');
  }

  async #begin() {
    const turn = ++this.#turn;
    this.#showing = undefined;
    await parsed();
    if (turn !== this.#turn) return;
    this.#flush();
    this.#offering = this.#dialog = undefined;
    if (/popup|launcher/.test(this.#of('mode'))) return (this.#offering = this.#offer());
    const loading = this.#of('loading');
    if (loading === 'intent' && !this.#first) return onIntent(this, () => this.#show());
    if (loading === 'lazy') await near(this, '500px');
    await this.#show();
    await Promise.all([near(this, '0px'), idle()]);
    if (turn === this.#turn && loading !== 'intent') this.#first?.wake();
  }

  #end() {
    this.#typed = this.#first?.getData() ?? this.#typed;
    this.#first?.free();
    this.#first = this.#showing = undefined;
    this.#turn = 0;
    this.shadowRoot?.replaceChildren();
  }

  /** Shows what opens the dialog, and fetches the view once a visitor turns to it. */
  async #offer() {
    const [{ buildDialog }, sheets] = await Promise.all([load('dialog'), style()]);
    this.#root().adoptedStyleSheets = sheets;
    this.#dialog = buildDialog(this, this.#root(), this.#lang);
    onIntent(this, () => this.#show());
  }

  /** Brings the view, once a turn. */
  #show() {
    return (this.#showing ??= this.#fetch(this.#turn));
  }

  async #fetch(turn) {
    try {
      const [parts, shared] = await Promise.all([this.#parts(), style()]);
      const { style: own } = parts.view;
      const sheets = own ? shared.concat(await style(...own)) : shared;
      if (turn === this.#turn) await this.#use(parts, sheets);
    } catch {
      if (turn !== this.#turn) return;
      this.#showing = undefined;
      this.close();
      say(this, 'crm-error', { code: 'unavailable' });
    }
  }

  async #parts() {
    if (this.#of('action')) return (await load('plain')).directView(this, this.#lang);
    // A hosted page brings its view along; browsers that know no declarative shadow root fetch it as elsewhere.
    const rendered = !this.#first && viewIn(this.shadowRoot);
    if (rendered) return rendered;
    const path = this.path(this.#of('site') || defaultSite, (name) => this.#of(name));
    return fetchView(`${this.#gateway}view/${path}lang=${this.#lang}`);
  }

  async #use(parts, sheets) {
    const { view } = parts;
    // The same form in another language keeps what was typed.
    const same = this.#first?.view.form.id === view.form.id;
    const typed = same ? this.#first.getData() : this.#typed;
    this.#first?.free();
    if (!parts.base.isConnected) this.#insert(parts.base, sheets);
    this.#first = new FirstView(this, parts, {
      gateway: this.#gateway,
      action: this.getAttribute('action'),
      fields: typed ?? { ...fromAddress(view), ...JSON.parse(this.#of('fields') || '{}') },
      own: !!typed,
    });
    this.#first.setFields(this.#values);
    this.#values = {};
    this.#typed = undefined;
    // Without a gateway nothing is rendered yet.
    if (!this.#first.form) await this.#first.wake();
    say(this, 'crm-ready');
  }

  #insert(base, sheets) {
    const root = this.#root();
    root.adoptedStyleSheets = sheets;
    this.#dialog?.querySelector('[part~=base]')?.remove();
    if (this.#dialog) this.#dialog.append(base);
    else root.replaceChildren(base);
  }

  #root() {
    return this.shadowRoot ?? this.attachShadow({ mode: 'open' });
  }

  /** Sends what an earlier page could not; once for all elements. */
  async #flush() {
    try {
      // The mark alone would not do: a browser that is killed within seconds has not written it, but the database.
      const kept = localStorage['crm-outbox'] || (await indexedDB.databases()).some(({ name }) => name === 'crm-widgets');
      if (!kept) return;
      await idle();
      await shared('flush', async () => (await load('plain')).flush(this));
    } catch {
      // No storage, or no network: the next page tries again.
    }
  }
}
