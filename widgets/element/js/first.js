import { load } from './assets.js';
import { say } from './events.js';
import { read, write } from './fields.js';
import { after, onIntent } from './when.js';

/** How long a pressed button waits for WebAssembly before the plain way is taken, in milliseconds. */
const PATIENCE = 8_000;

/** Pause between two tries to load plain.js while a pressed button waits, in milliseconds. */
const RETRY = 5_000;

/**
 * A view in the page until something takes it over: WebAssembly, or plain.js where that cannot be.
 *
 * Everything can be typed meanwhile; a button that needs more than HTML is held until its successor is there.
 */
export class FirstView {
  /** Whoever took over: `submit`, `reset`, `set_fields`, `get_data`, `dispose`. */
  #handle;
  #waking;
  #holding = false;
  #composing = false;
  #gone = false;
  #listening = new AbortController();

  /**
   * @param {HTMLElement} host the element
   * @param {{base: HTMLElement, view: object, mapping?: object}} parts what is in the page, and its definition
   * @param {{gateway: string, action: string | null, fields: object, own: boolean}} options `own`:
   *   the fields are what the visitor had typed before
   */
  constructor(host, parts, options) {
    Object.assign(this, { host, ...parts });
    this.options = { ...options, mapping: parts.mapping, started: 0 };
    if (this.form) this.#prepare();
    this.#listen();
  }

  get form() {
    return this.base.querySelector('form');
  }

  /** Starts being taken over, once. Settles when that happened or failed. */
  wake() {
    return (this.#waking ??= this.#takeOver());
  }

  submit() {
    this.#act((handle) => handle.submit());
  }

  reset() {
    if (this.#handle) this.#handle.reset();
    else this.form?.reset();
  }

  setFields(values) {
    if (this.#handle) this.#handle.set_fields(values);
    else if (this.form) write(this.form, this.view, values);
    else Object.assign(this.options.fields, values);
  }

  getData() {
    if (this.#handle) return this.#handle.get_data();
    return this.form ? read(this.form, this.view) : this.options.fields;
  }

  free() {
    this.#gone = true;
    this.#listening.abort();
    this.#handle?.dispose();
  }

  /** The rendered address is the gateway's own; here it must not be the page's. */
  #prepare() {
    this.form.action = new URL(this.form.getAttribute('action'), this.options.gateway);
    write(this.form, this.view, this.options.fields, this.options.own);
  }

  #listen() {
    const listen = (type, listener) =>
      this.base.addEventListener(type, listener, { capture: true, signal: this.#listening.signal });
    onIntent(this.base, () => this.wake());
    this.base.addEventListener('input', () => this.#start(), { once: true });
    listen('compositionstart', () => (this.#composing = true));
    listen('compositionend', () => (this.#composing = false));
    listen('submit', (event) => {
      event.preventDefault();
      event.stopPropagation();
      // The Enter that chooses a candidate of the input method is not for us.
      if (!this.#composing) this.submit();
    });
    listen('click', (event) => {
      const button = event.target.closest('[part~=next], [part~=back]');
      if (!button) return;
      event.preventDefault();
      this.#act(() => button.isConnected && button.click());
    });
  }

  #start() {
    this.options.started = Date.now();
    say(this.host, 'crm-start');
  }

  async #takeOver() {
    try {
      const app = await load(...(this.view.app ?? ['app']));
      await app.start(this.host.getAttribute('wasm'));
      // A half-composed word belongs to the input method: its node is left alone until it is whole.
      while (this.#composing) await after(50);
      this.#hand(app, 'wasm');
    } catch {
      await this.#plain();
    }
  }

  /** @returns {Promise<boolean>} whether somebody has taken over */
  async #plain() {
    try {
      this.#hand(await load('plain'), 'plain');
      return true;
    } catch {
      // The next intent tries again.
      this.#waking = undefined;
      return false;
    }
  }

  #hand({ takeOver }, by) {
    if (this.#handle || this.#gone) return;
    this.#listening.abort();
    this.form?.removeAttribute('data-plain');
    this.#handle = takeOver(this.host, this.base, this.view, this.options);
    this.base.dataset.by = by;
  }

  /** Acts when there is somebody to act; of several tries meanwhile only the first counts. */
  async #act(act) {
    if (this.#handle) return act(this.#handle);
    if (this.#holding) return;
    this.#holding = true;
    this.base.ariaBusy = 'true';
    await Promise.race([this.wake(), after(PATIENCE)]);
    while (!this.#handle && !this.#gone) (await this.#plain()) || (await after(RETRY));
    this.base.ariaBusy = null;
    this.#holding = false;
    if (this.#handle) act(this.#handle);
  }
}
