/** "There is news": the office's stream, opened again when it breaks; what the news is comes by an ordinary sync. */

const AGAIN_MS = 5000;

/** Calls fn at every piece of news until the returned function is called. */
export function listen(fn) {
  let source = null, timer = null, over = false;
  const open = () => {
    source = new EventSource('/news');
    source.addEventListener('news', fn);
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED || over) return;
      // The office ended it: a sync finds out why.
      fn();
      timer = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    over = true;
    clearTimeout(timer);
    source.close();
  };
}
