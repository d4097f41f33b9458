/**
 * A booking without WebAssembly: each step is the gateway's hosted page, fetched and shown inside the element. It keeps
 * and checks nothing itself; the page's ticket makes a repeated post the same one.
 */
import { capability, show, shown } from './capability.js';
import { guardComposing } from './composing.js';
import { say } from './events.js';
import { read, write } from './fields.js';
import { absolute, copy, save } from './links.js';

/** What is heard once a step is shown: the event, and after which step, where that matters. */
const HEARD = {
  details: ['crm-held'],
  booked: ['crm-booked', 'details'],
  requested: ['crm-booked', 'details'],
  cancelled: ['crm-cancelled', 'cancel'],
};

/** Milliseconds after which a request counts as unanswered, and between two looks at the waitlist. */
const PATIENCE = 30_000;
const TURN = 15_000;

/** XMLHttpRequest parses HTML without `innerHTML`, and so where Trusted Types are required too; see `view.js`. */
const fetchPage = (method, address, body) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, `${address}&bare=1`);
    request.responseType = 'document';
    request.onload = () => resolve(request.response);
    request.timeout = PATIENCE;
    request.onerror = request.ontimeout = reject;
    request.send(body);
  });

export class BookingPlain {
  #busy = false;
  #typed = {};
  #gone = new AbortController();

  constructor(host, base, view, { gateway, fields }) {
    Object.assign(this, { host, base, view, gateway, fields });
    const listen = (type, listener) => base.addEventListener(type, listener, { signal: this.#gone.signal });
    listen('click', (event) => this.#click(event));
    listen('submit', (event) => {
      event.preventDefault();
      this.#post(event.submitter);
    });
    listen('input', ({ target }) => {
      // What the visitor wrote is no longer the host's to fill in.
      delete this.fields[target.name];
      say(host, 'crm-change', { field: target.name });
    });
    guardComposing(base);
    absolute(base, gateway);
    this.#open(capability());
    const timer = setInterval(() => document.visibilityState === 'visible' && this.find('#b-look')?.click(), TURN);
    this.#gone.signal.addEventListener('abort', () => clearInterval(timer));
  }

  get form() {
    return this.base.querySelector('form');
  }

  find(selector) {
    return this.base.querySelector(selector);
  }

  submit() {
    this.#post(this.find('[part~=submit]'));
  }

  reset() {
    this.form.reset();
    this.#typed = {};
    this.#go(this.#start);
  }

  set_fields(values) {
    Object.assign(this.fields, values);
    for (const name of Object.keys(values)) delete this.#typed[name];
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

  /** The address of the first step. */
  get #start() {
    return `${this.gateway}b/${this.view.offer.site}?lang=${this.view.offer.lang}`;
  }

  /** What a page has posted along, by name. */
  #posted(name) {
    return this.form.querySelector(`input[type=hidden][name=${name}]`)?.value ?? '';
  }

  /** Goes where a link leads. A slot that was kept is no longer needed; one that was offered has no such links. */
  async #go(address) {
    if (this.#busy) return;
    const hold = this.#posted('_hold');
    if (hold) {
      this.#busy = true;
      const headers = { authorization: `Bearer ${this.#posted('_token')}` };
      const options = { method: 'DELETE', headers, signal: AbortSignal.timeout?.(PATIENCE) };
      await fetch(`${this.gateway}v1/sites/${this.view.offer.site}/holds/${hold}`, options).catch(() => {});
      this.#busy = false;
    }
    this.#show('GET', address);
  }

  #click(event) {
    const pressed = event.target.closest('[data-act]');
    if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (pressed.href) this.#go(pressed.href);
    else if (pressed.dataset.act === 'copy') copy(pressed, this.view.offer.texts['booking.copied']);
    else this.#post(pressed);
  }

  /** Shows what a link leads to, or the free slots that a first view has not. */
  #open(found) {
    const who = this.host.getAttribute('practitioner');
    if (found) {
      const [_appointment, _token] = found.split('.');
      const named = found.startsWith('wait') ? { _waiting: found } : { _appointment, _token };
      this.#show('POST', this.#address, new URLSearchParams({ ...named, _step: 'show' }));
    } else if (this.find('[part~=loading]')) {
      this.#show('GET', `${this.#start}&${this.view.choice.slice(1)}${who ? `&practitioner=${who}` : ''}`);
    }
  }

  get #address() {
    return new URL(this.form.getAttribute('action'), this.gateway);
  }

  #post(submitter) {
    const body = new URLSearchParams(new FormData(this.form));
    if (submitter?.name) body.set(submitter.name, submitter.value);
    if (body.get('_step') === 'calendar') return this.#calendar(body);
    const asks = ['details', 'waitlist'].includes(this.form.dataset.step) && submitter?.matches('[part~=submit]');
    if (asks && !say(this.host, 'crm-submit', { form: this.#service?.form, data: this.get_data() })) return;
    this.#show('POST', this.#address, body);
  }

  async #calendar(body) {
    const response = await fetch(this.#address, { method: 'POST', body }).catch(() => undefined);
    if (response?.ok) save(await response.blob(), 'appointment.ics');
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
    const focused = this.base.getRootNode().activeElement?.id;
    Object.assign(this.#typed, read(this.form, this.#asked));
    this.base.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    absolute(this.base, this.gateway);
    write(this.form, this.#asked, this.fields);
    write(this.form, this.#asked, this.#typed, true);
    const { step } = this.form.dataset;
    this.#note();
    if (step !== before) this.#say(step, before);
    else if (step === 'waiting') return this.find(`[id="${focused}"]`)?.focus();
    const target = step === before && step === 'time' ? '#day' : '#title';
    const first = ['[aria-invalid=true]', '#said', target].map((one) => this.find(one)).find(Boolean);
    first?.focus();
  }

  /** What leads back to what is shown stays with a reload. */
  #note() {
    const id = this.#posted('_appointment');
    const capability = id ? `${id}.${this.#posted('_token')}` : this.#posted('_waiting');
    if (capability !== (shown().capability ?? '')) show({ capability });
  }

  #say(step, before) {
    say(this.host, 'crm-step', { step });
    const [name, after] = HEARD[step] ?? [];
    if (name && (!after || after === before)) say(this.host, name, this.#detail(step));
  }

  /** As the events of the contract have it. */
  #detail(step) {
    const [service, practitioner, id] = ['_service', '_practitioner', '_appointment'].map((name) => this.#posted(name));
    if (step === 'cancelled') return { id };
    if (step === 'details') {
      const seconds = Math.round((Date.parse(this.#posted('_until')) - Date.now()) / 1000);
      return { service, practitioner, start: this.#posted('_held'), seconds };
    }
    const start = this.find('[part=facts] time').getAttribute('datetime');
    return { id, code: this.find('[part=code]').textContent, status: step, service, practitioner, start };
  }

  get #service() {
    return this.view.offer.services.find(({ key }) => key === this.#posted('_service'));
  }

  #fail() {
    const alert = this.find('[part~=alert]');
    alert.textContent = this.view.offer.texts['booking.unreachable'];
    alert.scrollIntoView({ block: 'center' });
    say(this.host, 'crm-error', { code: navigator.onLine ? 'unreachable' : 'offline' });
  }
}
