/** 229 is the key code browsers report while an input method is composing. */
const COMPOSING = 229;

/**
 * Keeps the Enter that chooses a candidate of an input method from submitting a form. Safari ends the composition before
 * it reports the key, so `isComposing` alone is not enough.
 */
export const guardComposing = (element) =>
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.isComposing || event.keyCode === COMPOSING)) event.preventDefault();
  });
