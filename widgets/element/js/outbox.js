/**
 * What was submitted and is not acknowledged yet, kept on the visitor's device: in IndexedDB, else in localStorage,
 * else in memory for the life of the page. An entry is `{key, site, form, url, body, at}`.
 *
 * The localStorage item `crm-outbox` tells the next page whether there is something, without opening a database.
 */

const FLAG = 'crm-outbox';
const PREFIX = 'crm-outbox:';

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const openDatabase = async () => {
  const opening = indexedDB.open('crm-widgets', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('outbox', { keyPath: 'key' });
  return done(opening);
};

const inDatabase = (database) => {
  const store = (mode) => database.transaction('outbox', mode, { durability: 'strict' }).objectStore('outbox');
  const commit = (act) =>
    new Promise((resolve, reject) => {
      const target = store('readwrite');
      act(target);
      target.transaction.oncomplete = () => resolve();
      target.transaction.onerror = target.transaction.onabort = () => reject(target.transaction.error);
    });
  return {
    put: (entry) => commit((target) => target.put(entry)),
    all: () => done(store('readonly').getAll()),
    remove: (key) => commit((target) => target.delete(key)),
  };
};

const inLocalStorage = {
  put: async (entry) => localStorage.setItem(PREFIX + entry.key, JSON.stringify(entry)),
  all: async () =>
    Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => JSON.parse(localStorage.getItem(name))),
  remove: async (key) => localStorage.removeItem(PREFIX + key),
};

const inMemory = () => {
  const entries = new Map();
  return {
    put: async (entry) => void entries.set(entry.key, entry),
    all: async () => [...entries.values()],
    remove: async (key) => void entries.delete(key),
  };
};

const localStorageWorks = () => {
  try {
    localStorage.setItem(PREFIX, '');
    localStorage.removeItem(PREFIX);
    return true;
  } catch {
    return false;
  }
};

const fallback = () => (localStorageWorks() ? inLocalStorage : inMemory());

let opened;
const store = () => (opened ??= openDatabase().then(inDatabase).catch(fallback));

const mark = async () => {
  const entries = await (await store()).all();
  try {
    if (entries.length) localStorage.setItem(FLAG, '1');
    else localStorage.removeItem(FLAG);
  } catch {
    // Without localStorage the next page looks only when its form is touched.
  }
};

/** Whether an entry books a slot, or a place on a waitlist: the element for booking sends those. */
export const isBooking = ({ site, url }) => site && /\/(appointments|waitlist)$/.test(url);

export const outbox = {
  /** Keeps an entry; settles when it is safe. */
  async put(entry) {
    try {
      await (await store()).put(entry);
    } catch {
      // A full or broken database: what it held is still sent by the next page.
      opened = Promise.resolve(fallback());
      await (await opened).put(entry);
    }
    await mark();
  },
  /** All entries, oldest first. */
  async all() {
    const entries = await (await store()).all();
    return entries.sort((one, other) => one.at - other.at);
  },
  /** Forgets an entry. */
  async remove(key) {
    await (await store()).remove(key);
    await mark();
  },
};
