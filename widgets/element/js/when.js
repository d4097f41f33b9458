/** Moments to wait for. */

export const after = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const heard = (target, type) => new Promise((done) => target.addEventListener(type, done, { once: true }));

/** The page's HTML is complete, and with it every element's children. */
export const parsed = async () => {
  if (document.readyState === 'loading') await heard(document, 'DOMContentLoaded');
};

/** The page is loaded and has nothing else to do. Never comes for visitors who asked to save data. */
export const idle = async () => {
  if (navigator.connection?.saveData) await new Promise(() => {});
  if (document.readyState !== 'complete') await heard(self, 'load');
  await new Promise((done) => (self.requestIdleCallback ?? setTimeout)(done));
};

/** The element comes nearer to the window than `margin`. */
export const near = (element, margin) =>
  new Promise((done) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.at(-1).isIntersecting) return;
        observer.disconnect();
        done();
      },
      { rootMargin: margin },
    );
    observer.observe(element);
  });

/** Calls back at each first sign that a visitor turns to the element. */
export const onIntent = (element, callback) => {
  for (const type of ['pointerover', 'focusin', 'input']) {
    element.addEventListener(type, callback, { once: true });
  }
};
