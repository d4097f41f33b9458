/**
 * A booking without WebAssembly: each step is the gateway's hosted page, fetched and shown inside the element. It keeps
 * and checks nothing itself; the page's ticket makes a repeated post the same one.
 */
import { capability } from './capability.js';
import { guardComposing } from './composing.js';
import { say } from './events.js';
import { read, write } from './fields.js';

/** What is heard once a step is shown. */
const HEARD = { details: 'crm-held', booked: 'crm-booked', requested: 'crm-booked', cancelled: 'crm-cancelled' };

/** XMLHttpRequest parses HTML without `innerHTML`, and so where Trusted Types are required too; see `view.js`. */
const fetchPage = (method, address, body) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, `${address}&bare=1`);
    request.responseType = 'document';
    request.onload = () => resolve(request.response);
    request.onerror = reject;
    request.send(body);
  });

const save = async (response, name) => {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(await response.blob()), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

export class BookingPlain {
  #busy = false;
  #gone = new AbortController();

  constructor(host, base, view, { gateway, fields }) {
    Object.assign(this, { host, base, view, gateway, fields });
    const listen = (type, listener) => base.addEventListener(type, listener, { signal: this.#gone.signal });
    listen('click', (event) => this.#click(event));
    listen('submit', (event) => {
      event.preventDefault();
      this.#post(event.submitter);
    });
    listen('input', ({ target }) => say(host, 'crm-change', { field: target.name }));
    guardComposing(base);
    this.#open(capability());
  }

  get form() {
    return this.base.querySelector('form');
  }

  submit() {
    this.#post(this.form.querySelector('[part~=submit]'));
  }

  reset() {
    this.#show('GET', `${this.gateway}b/${this.view.offer.site}?lang=${this.view.offer.lang}`);
  }

  set_fields(values) {
    Object.assign(this.fields, values);
    write(this.form, this.#asked, this.fields);
  }

  get_data() {
    return read(this.form, this.#asked);
  }

  dispose() {
    this.#gone.abort();
  }

  /** All forms as one: fields that are not there now are not read. */
  get #asked() {
    return { form: { pages: this.view.offer.forms.flatMap(({ pages }) => pages) } };
  }

  #click(event) {
    const pressed = event.target.closest('[data-act]');
    if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (pressed.href) this.#show('GET', new URL(pressed.getAttribute('href'), this.gateway));
    else if (pressed.dataset.act === 'copy') navigator.clipboard?.writeText(this.base.querySelector('[part~=code]').textContent);
    else this.#post(pressed);
  }

  #open(found) {
    if (!found) return;
    const [_appointment, _token] = found.split('.');
    this.#show('POST', this.#address, new URLSearchParams({ _appointment, _token, _step: 'show' }));
  }

  get #address() {
    return new URL(this.form.getAttribute('action'), this.gateway);
  }

  #post(submitter) {
    const body = new URLSearchParams(new FormData(this.form));
    if (submitter?.name) body.set(submitter.name, submitter.value);
    if (body.get('_step') === 'calendar') return this.#calendar(body);
    const asks = ['details', 'waitlist'].includes(this.form.dataset.step) && submitter?.matches('[part~=submit]');
    if (asks && !say(this.host, 'crm-submit', { form: this.view.form.id, data: this.get_data() })) return;
    this.#show('POST', this.#address, body);
  }

  async #calendar(body) {
    const response = await fetch(this.#address, { method: 'POST', body }).catch(() => undefined);
    if (response?.ok) await save(response, 'appointment.ics');
    else this.#fail();
  }

  async #show(method, address, body) {
    if (this.#busy) return;
    this.#busy = true;
    this.base.ariaBusy = 'true';
    try {
      const page = await fetchPage(method, address, body);
      const next = page.querySelector('[part~=base]');
      if (!this.#gone.signal.aborted) this.#take(next);
    } catch {
      this.#fail();
    }
    this.base.ariaBusy = null;
    this.#busy = false;
  }

  #take(next) {
    const before = this.form.dataset.step;
    this.base.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    write(this.form, this.#asked, this.fields);
    const { step } = this.form.dataset;
    if (step !== before) {
      say(this.host, 'crm-step', { step });
      if (HEARD[step]) say(this.host, HEARD[step]);
    }
    const target = step === before && step === 'time' ? '#day' : '#title';
    const first = ['[aria-invalid=true]', '#said', target].map((one) => this.base.querySelector(one)).find(Boolean);
    first?.focus();
  }

  #fail() {
    const alert = this.base.querySelector('[part~=alert]');
    alert.textContent = this.view.offer.texts['booking.unreachable'];
    alert.scrollIntoView({ block: 'center' });
    say(this.host, 'crm-error', { code: navigator.onLine ? 'unreachable' : 'offline' });
  }
}
