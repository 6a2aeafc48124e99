/** Ways of handing an address over to somebody: the phone's own sheet, with the address and nothing else, or a copy. */

/** {share, copy}: what buttons with this data-act do; `tell` says that something was copied. */
export function handing(tell) {
  const copy = async ({link, said}) => {
    await navigator.clipboard.writeText(link);
    tell(said);
  };
  const share = async (given) => {
    if (!navigator.share) return copy(given);
    // Who closes the sheet wants neither.
    return navigator.share({url: given.link}).catch(({name}) => (name === 'AbortError' ? null : copy(given)));
  };
  return {share, copy};
}
