/** Where a browser leaves what we keep alone: Safari on iOS throws it away after a week without a visit, unless we are on the home screen. */

/** Whether anything may be kept in this browser: its `navigator`. An iPad calls itself a Macintosh, and is the only one of them that is touched. */
export function keeps({userAgent, maxTouchPoints = 0, standalone = false}) {
  const ios = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return !ios || standalone;
}
