// A clinic that can be booked at: a stage, the browser of its patients, and somebody at its API.
import { launch } from './browser.mjs';
import { Desk, scarce } from './desk.mjs';
import { Stage } from './stage.mjs';
import { PHONE, SCRIPTLESS, Visitor } from './visitor.mjs';

/** What is behind the `#` of a link to an appointment or a place on the waitlist. */
const hash = ({ id, token }) => `#${id}.${token}`;

export class Clinic extends Stage {
  /** Appointments of a full house that nobody has cancelled yet. */
  #house = [];

  static async start(args) {
    const [clinic, browser] = await Promise.all([super.start(args), launch()]);
    return Object.assign(clinic, { browser, desk: new Desk(clinic.gateway.url) });
  }

  /** The address of a new host page with the booking element; `more` is as for `page`. */
  booking(attributes = '', more) {
    return this.page(`<crm-booking ${attributes}></crm-booking>`, more);
  }

  /** Opens an address, as a visitor with `options` or one of `context`, and waits for the first view. */
  async open(url, { context = this.browser, options = PHONE } = {}) {
    const visitor = await Visitor.open(context, url, { pick: 'crm-booking', options });
    await visitor.find('[part~=flow]').waitFor();
    return visitor;
  }

  /** Opens the element on a new host page, and waits until WebAssembly has taken it over. */
  async visit(attributes, { page, ...who } = {}) {
    const visitor = await this.open(this.booking(attributes, page), who);
    await visitor.hydrated();
    return visitor;
  }

  /** A new visitor's context, whose clock the test sets. */
  async clocked() {
    const context = await this.browser.newContext(PHONE);
    await context.clock.install();
    return context;
  }

  /** The address of the hosted page. */
  hosted(more = '') {
    return `${this.gateway.url}/b/clinic${more}`;
  }

  /** Opens the hosted page without scripts. */
  unscripted(query, options = PHONE) {
    return this.open(this.hosted(query), { options: { ...options, ...SCRIPTLESS } });
  }

  /** An appointment days ahead that somebody has, and the `hash` of its link. */
  async appointment(service) {
    const made = await this.desk.book(service, (await this.desk.free(service)).at(-8));
    return { ...made, hash: hash(made) };
  }

  /** Leaves nothing free in the sleep laboratory, and returns an appointment there. */
  async full() {
    await this.apply(scarce);
    this.#house.push(...(await this.desk.fill('rare')));
    return this.#house.shift();
  }

  /** The same with one who waits: `taken` is the appointment, `place` the place, `hash` that of its link. */
  async queue() {
    const taken = await this.full();
    const place = await this.desk.wait('rare');
    return { taken, place, hash: hash(place) };
  }

  /** Somebody on the waitlist of the sleep laboratory, which has nothing; `hash` is that of their link. */
  async waits() {
    const place = await this.desk.wait('rare');
    return { ...place, hash: hash(place) };
  }

  /** How many requests were sent to make something at an address that ends so. */
  sent(path) {
    return this.proxy.seen(new RegExp(`^POST .*${path}$`)).length;
  }

  /** How many kept slots were handed back. */
  released() {
    return this.proxy.seen(/^DELETE .*holds/).length;
  }

  tidy() {
    return super.tidy(this.browser);
  }

  async stop() {
    await Promise.all([super.stop(), this.browser.close()]);
  }
}
