/**
 * Calls `work` while a button is held, by a finger, a mouse, the space bar or the enter key, and once for a click that no
 * one holds, as screen readers and switches make it.
 *
 * @param work goes on as long as `held` says so
 */
export function onHold(button: HTMLButtonElement, work: (held: () => boolean) => Promise<void>): void {
  let holding = false;
  let working = false;
  const start = (): void => {
    if (working) return;
    holding = true;
    working = true;
    button.classList.add('held');
    button.ariaBusy = 'true';
    void work(() => holding).finally(() => {
      working = false;
      button.ariaBusy = null;
      end();
    });
  };
  const end = (): void => {
    holding = false;
    button.classList.remove('held');
  };
  const isHoldKey = ({ key }: KeyboardEvent): boolean => key === ' ' || key === 'Enter';

  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    start();
  });
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur']) button.addEventListener(name, end);
  button.addEventListener('keydown', (event) => {
    if (!isHoldKey(event)) return;
    event.preventDefault();
    if (!event.repeat) start();
  });
  button.addEventListener('keyup', (event) => {
    if (!isHoldKey(event)) return;
    event.preventDefault();
    end();
  });
  // A long press on a phone would open a menu.
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('click', (event) => {
    // Pointers and keys were heard already.
    if (event.detail !== 0) return;
    start();
    end();
  });
}
