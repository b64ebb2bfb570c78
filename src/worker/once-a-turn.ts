/**
 * What runs once for all that call it in a turn of the event loop, when the turn is over: answers to several slots come
 * together and are read one by one.
 */
export function onceATurn(run: () => void): () => void {
  let isAwaited = false;
  return () => {
    if (isAwaited) return;
    isAwaited = true;
    setImmediate(() => {
      isAwaited = false;
      run();
    });
  };
}
