/**
 * The elements without WebAssembly: where a page's policy forbids it, where it failed to load, on engines without it.
 *
 * All pages and fields are shown at once (`form[data-plain]`); whether a conditional one counts is the gateway's
 * check, whose errors are shown at the fields. Sending follows the same rules as in Rust, over the same outbox.
 */
import { BookingPlain } from './booking-plain.js';
import { guardComposing } from './composing.js';
import { context } from './context.js';
import { say } from './events.js';
import { fieldsOf, read, write } from './fields.js';
import { notice } from './notice.js';
import { isBooking, outbox } from './outbox.js';
import { send } from './send.js';

export { directView } from './definition.js';

/** A UUID; the browser's own is missing on pages without TLS. */
const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = '89ab'[bytes[8] & 3];
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
};

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const extension = (name) => name.split('.').pop().toLowerCase().replace('jpeg', 'jpg');

class PlainForm {
  #key;
  #gone = false;
  #started;

  constructor(host, base, view, options) {
    Object.assign(this, { host, base, view, options, form: base.querySelector('form') });
    base.view = view;
    this.#started = options.started;
    this.form.toggleAttribute('data-plain', true);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    guardComposing(this.form);
    base.addEventListener('input', (event) => this.#input(event));
    base.querySelector('[part~=again]')?.addEventListener('click', () => this.reset());
    base.querySelector('[part~=copy]')?.addEventListener('click', () => this.#copy());
  }

  async submit() {
    if (this.#key) return;
    this.#key = uuid();
    const refused = await this.#submitAs(this.#key);
    if (!refused) return;
    this.#key = undefined;
    this.#lock(false);
    this.#show(refused.errors);
    // What is no field's fault is said where the state of the submission is.
    this.#status(refused.errors.length ? '' : 'refused');
    say(this.host, 'crm-error', { code: refused.code });
  }

  reset() {
    this.#key = undefined;
    this.form.reset();
    this.#show([]);
    this.#status('');
    this.#lock(false);
    this.#thank(undefined);
  }

  set_fields(values) {
    write(this.form, this.view, values);
  }

  get_data() {
    return read(this.form, this.view);
  }

  dispose() {
    this.#gone = true;
  }

  /** @returns what the form was refused for, or nothing once it is sent (or the visitor's page said no) */
  async #submitAs(key) {
    const wrong = [...this.#missing(), ...this.#unfit()];
    if (wrong.length) return { code: 'invalid-answers', errors: wrong };
    if (!say(this.host, 'crm-submit', { form: this.view.form.id, data: this.get_data() })) {
      this.#key = undefined;
      return;
    }
    this.#lock(true);
    this.#status('sending');
    const entry = await this.#freeze(key).catch((refused) => refused);
    if (entry.errors) return entry;
    // Where nothing can be kept it is sent all the same.
    await outbox.put(entry).catch(() => {});
    const waiting = () => {
      this.#status('waiting');
      say(this.host, 'crm-error', { code: 'waiting' });
    };
    const gone = () => this.#gone || this.#key !== key;
    const { accepted, refused } = await send(entry, { challenge: this.view.challenge, waiting, gone });
    if (accepted && !gone()) this.#accept(accepted);
    return gone() ? undefined : refused;
  }

  /** The submission as it will be sent every time, byte for byte. */
  async #freeze(key) {
    const { form, lang, site } = this.view;
    const answers = { ...this.get_data(), ...(await this.#upload()) };
    const elapsed = this.#started ? Date.now() - this.#started : 0;
    const signals = { trap: Boolean(this.form.elements.website?.value), elapsed };
    const body = JSON.stringify({ form: form.id, version: form.version, lang, answers, context: context(), signals });
    const url = `${this.options.gateway}v1/sites/${encodeURIComponent(site)}/submissions`;
    return { key, site, form: form.id, url, body, at: Date.now() };
  }

  /** Uploads the chosen files; answers are lists of their ids by field. */
  async #upload() {
    const { gateway } = this.options;
    const { site, form } = this.view;
    const answers = {};
    for (const control of this.form.querySelectorAll('input[type=file]')) {
      for (const file of control.files) {
        const query = new URLSearchParams({ form: form.id, field: control.name });
        const headers = {
          'content-type': file.type || 'application/octet-stream',
          'upload-name': encodeURIComponent(file.name),
          'idempotency-key': uuid(),
        };
        const address = `${gateway}v1/sites/${encodeURIComponent(site)}/uploads?${query}`;
        const response = await fetch(address, { method: 'POST', headers, body: file }).catch(() => undefined);
        if (!response?.ok) throw this.#failed(control.name);
        (answers[control.name] ??= []).push((await response.json()).id);
      }
    }
    return answers;
  }

  #failed(name) {
    const { label } = fieldsOf(this.view).find((field) => field.name === name);
    return { code: 'upload', errors: [{ field: name, message: this.#text('error.file-failed', { label }) }] };
  }

  /** Required fields without an answer. Those under a condition are the gateway's to judge. */
  #missing() {
    const always = this.view.form.pages.filter((page) => !page.when).flatMap((page) => page.fields);
    const data = this.get_data();
    const answered = ({ name, rows }) =>
      this.form.querySelector(`[name="${name}"]`)?.files?.length ||
      (rows?.length ? rows.every((row) => data[`${name}.${row.value}`]) : String(data[name] ?? '').trim());
    return always
      .filter((field) => field.required && !field.when && !answered(field))
      .map((field) => ({ field: field.name, message: this.#sentence(field) }));
  }

  #sentence({ type, label }) {
    const word = { consent: 'consent', file: 'file', select: 'choose', radio: 'choose', checkboxes: 'choose' }[type];
    return this.#text(`error.${word ?? 'required'}`, { label });
  }

  #text(key, values = {}) {
    return fill(this.view.texts[key] ?? '', values);
  }

  /** Files that the gateway would not take. */
  #unfit() {
    const errors = [];
    for (const { name, type, label, accept = [], maxBytes = 10 << 20 } of fieldsOf(this.view)) {
      if (type !== 'file') continue;
      const files = [...(this.form.querySelector(`[name="${name}"]`)?.files ?? [])];
      const wrong = files.some((file) => accept.length && !accept.includes(extension(file.name)));
      const large = files.some((file) => file.size > maxBytes);
      const size = `${(maxBytes / (1 << 20)).toFixed(1)} MiB`;
      if (wrong) errors.push({ field: name, message: this.#text('error.file-type', { label, limit: accept.join(', ') }) });
      else if (large) errors.push({ field: name, message: this.#text('error.file-large', { label, limit: size }) });
    }
    return errors;
  }

  #accept(receipt) {
    say(this.host, 'crm-submitted', { ...receipt, form: this.view.form.id });
    const { redirect } = this.view.form.thanks ?? {};
    if (redirect) location.assign(new URL(redirect, location.href));
    else this.#thank(receipt.receipt);
  }

  #thank(receipt) {
    const thanks = this.base.querySelector('[part~=thanks]');
    this.form.hidden = receipt !== undefined;
    thanks.hidden = receipt === undefined;
    thanks.querySelector('[part~=receipt]').hidden = !receipt;
    thanks.querySelector('[part~=code]').textContent = receipt ?? '';
    (receipt === undefined ? this.form.querySelector('input') : thanks).focus();
  }

  async #copy() {
    await navigator.clipboard?.writeText(this.base.querySelector('[part~=code]').textContent).catch(() => {});
  }

  /** Writes the errors at their fields and moves the focus to the first. */
  #show(errors) {
    for (const place of this.form.querySelectorAll('[data-error]')) this.#error(place, '');
    for (const { field, message } of errors) {
      const place = this.#place(field) ?? this.#place(field.split('.')[0]);
      if (place) this.#error(place, message);
    }
    this.#summarize(errors);
    if (errors.length) this.#focus(errors[0].field);
  }

  /** The list above the form: announced when it appears, each line leads to its field. */
  #summarize(errors) {
    const place = this.form.querySelector('[data-alert]');
    const headline = document.createElement('strong');
    const list = document.createElement('ul');
    headline.append(this.#text(errors.length === 1 ? 'summary.one' : 'summary.many', { count: errors.length }));
    list.append(...errors.map((error) => this.#line(error)));
    place.replaceChildren(...(errors.length ? [headline, list] : []));
    place.hidden = !errors.length;
  }

  #line({ field, message }) {
    const line = document.createElement('li');
    const link = document.createElement('a');
    link.href = `#f-${field}`;
    link.append(message);
    link.addEventListener('click', (event) => {
      event.preventDefault();
      this.#focus(field);
    });
    line.append(link);
    return line;
  }

  #place(name) {
    return this.form.querySelector(`[data-error="${CSS.escape(name)}"]`);
  }

  #error(place, message) {
    place.textContent = message;
    place.hidden = !message;
    for (const control of this.#controls(place.dataset.error)) control.ariaInvalid = message ? 'true' : 'false';
  }

  #controls(name) {
    return [...this.form.elements].filter((control) => control.name === name);
  }

  #focus(name) {
    const [control] = [...this.#controls(name), ...this.form.querySelectorAll(`[data-field="${CSS.escape(name)}"] input`)];
    control?.focus();
    control?.scrollIntoView({ block: 'center' });
  }

  #input({ target }) {
    this.#started ||= Date.now();
    const place = target.name && this.#place(target.name);
    if (place) this.#error(place, '');
    say(this.host, 'crm-change', { field: target.name });
  }

  #status(word) {
    const place = this.form.querySelector('[data-status]');
    const key = word && `status.${word}`;
    place.textContent = key && this.#text(key);
    place.dataset.phase = word;
  }

  #lock(locked) {
    this.base.querySelector('[part~=pages]').inert = locked;
    this.base.querySelector('[part~=submit]').disabled = locked;
  }
}

/** Takes a view over; answers to the same calls as its counterpart in Rust. */
export const takeOver = (host, base, view, options) =>
  new (view.offer ? BookingPlain : PlainForm)(host, base, view, options);

/** Sends what earlier pages could not, and says above its form what became of it. */
export const flush = async (host) => {
  // The element for booking sends its own: it shows what became of them.
  const entries = (await outbox.all()).filter((entry) => !isBooking(entry));
  await Promise.all(entries.map((entry) => resend(host, entry)));
};

const resend = async (host, entry) => {
  const waiting = () => notice(entry, 'waiting');
  const { accepted } = await send(entry, { challenge: false, waiting, keep: true });
  const taken = () => outbox.remove(entry.key);
  await notice(entry, accepted ? 'sent' : 'refused', { ...accepted, taken });
  if (accepted) say(host, 'crm-submitted', { ...accepted, form: entry.form });
};
