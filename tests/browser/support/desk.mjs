// Somebody at the API: what the visitor of a test finds there already.
import { solve } from '../../../widgets/element/js/challenge.js';
import { phone } from './visitor.mjs';

/** The form of a visit, of a person nobody else is. */
const answers = () => ({ name: 'Ann', phone: phone(), privacy: 'yes' });

export class Desk {
  constructor(gateway) {
    this.site = `${gateway}/v1/sites/clinic`;
  }

  async ask(method, path, { token, body } = {}) {
    const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    if (token) headers.authorization = `Bearer ${token}`;
    // Who sends a form has done some work for it.
    if (body) headers['crm-challenge'] = (await solve(`${this.site}/challenge?form=visit`)).proof;
    const response = await fetch(`${this.site}/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text && JSON.parse(text);
  }

  /** Starts of a service's free slots. */
  async free(service) {
    const { from, step, rows } = await this.ask('GET', `slots?service=${service}`);
    const start = (day, minute) => new Date(Date.parse(from) + (day * 1440 + minute) * 60_000).toISOString().replace('.000', '');
    return rows.flatMap(({ ranges }) => ranges.flatMap(([day, minute, offset, seats]) =>
      [...seats].flatMap((left, at) => (left > '0' ? [start(day, minute + at * step - offset)] : []))));
  }

  book(service, start) {
    return this.ask('POST', 'appointments', { body: { service, start, lang: 'en', answers: answers() } });
  }

  /** Books whatever is free, and returns the appointments. */
  async fill(service) {
    const all = [];
    for (const start of await this.free(service)) all.push(await this.book(service, start));
    return all;
  }

  /** A place on the waitlist. */
  wait(service) {
    return this.ask('POST', 'waitlist', { body: { service, lang: 'en', answers: answers() } });
  }

  cancel({ id, token }) {
    return this.ask('DELETE', `appointments/${id}`, { token });
  }

  waiting({ id, token }) {
    return this.ask('GET', `waitlist/${id}`, { token });
  }

  /** Leaves the waitlist. */
  leave({ id, token }) {
    return this.ask('DELETE', `waitlist/${id}`, { token });
  }
}

/** A change of the site: the sleep laboratory has one slot a day. */
export const scarce = (site) => {
  site.booking.services.find(({ key }) => key === 'rare').window = 8;
  site.booking.schedules.push({ who: 'nobody', place: 'lakeside', days: ['daily'], hours: [{ from: '09:00', to: '09:30' }] });
};
