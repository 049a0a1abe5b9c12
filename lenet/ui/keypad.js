/** A phone offers its keys for numbers where a number is typed: the fields of number_fields.py, none of which takes a minus.
 * `st.text_input` has no parameter for it. `frame.py` puts this script into every page, which may run it again and again. */

;(() => {
  const known = /** @type {Window & { lenetKeypad?: boolean }} */ (window)
  if (known.lenetKeypad) return
  known.lenetKeypad = true
  /** @param {Event} event by which a field is entered */
  const offer = ({ target }) => {
    const field = target instanceof Element ? target.closest("[class*='st-key-typed_'] input") : null
    if (field instanceof HTMLInputElement) field.inputMode = "decimal"
  }
  for (const event of ["touchstart", "focusin"])
    window.addEventListener(event, offer, { capture: true, passive: true })
})()
