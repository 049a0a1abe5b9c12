/**
 * What a reader with eyes and fingers meets on a page: see geometry.py. It looks into the components as well, which have
 * shadow roots. All numbers are CSS pixels in the window as it is scrolled.
 *
 * @param {Element | null} figure the main figure
 * @param {{ exempt: string }} options `exempt`: a selector of targets that may be small, such as the cells of an image
 */
;(figure, { exempt }) => {
  const LEAST_TARGET = 24
  const LEAST_TEXT = 11
  const TARGETS =
    "button, a[href], input, select, textarea, summary, [tabindex='0'], " +
    ":is([role=button], [role=tab], [role=slider], [role=radio], [role=checkbox], [role=switch], [role=combobox], [role=option])"

  const parentOf = (node) => node.assignedSlot ?? node.parentNode?.host ?? node.parentNode
  const within = (node, inside) => {
    for (let n = node; n; n = parentOf(n)) if (n === inside) return true
    return false
  }
  const closest = (node, selector) => {
    for (let n = node; n; n = parentOf(n)) if (n.nodeType === 1 && n.matches(selector)) return n
    return null
  }
  const name = (element) => {
    const words = element.getAttribute("aria-label") || element.textContent || element.getAttribute("placeholder") || ""
    const key = closest(element, "[class*=st-key-]")?.className.match?.(/st-key-[\w-]+/)?.[0] ?? ""
    return `${element.localName} “${words.trim().replace(/\s+/g, " ").slice(0, 40)}” ${key}`.trim()
  }

  /** All elements below a root, those of shadow roots too. */
  function* everything(root) {
    for (const element of root.children) {
      yield element
      yield* everything(element)
      if (element.shadowRoot) yield* everything(element.shadowRoot)
    }
  }

  /** The part of a rectangle that its ancestors let be seen, with `cut` if one that does not scroll cuts some of it off. */
  const seen = (element, rect) => {
    let { left, right, top, bottom } = rect
    let cut = ""
    let fixed = getComputedStyle(element).position === "fixed"
    for (let n = parentOf(element); n && n.nodeType !== 9; n = parentOf(n)) {
      if (n.nodeType !== 1 || fixed) continue
      const style = getComputedStyle(n)
      fixed = style.position === "fixed"
      const box = n.getBoundingClientRect()
      for (const axis of ["X", "Y"]) {
        const overflow = style[`overflow${axis}`]
        if (overflow === "visible" || style.display === "inline" || style.display === "contents") continue
        // What is scrolled out of sight further in is not cut further out.
        const beyond = axis === "X" ? Math.max(box.left - left, right - box.right) : Math.max(box.top - top, bottom - box.bottom)
        if (beyond > 1.5 && (overflow === "hidden" || overflow === "clip")) cut ||= `${Math.round(beyond)} px by ${n.localName}.${String(n.className?.baseVal ?? n.className).slice(0, 30)}`
        if (axis === "X") [left, right] = [Math.max(left, box.left), Math.min(right, box.right)]
        else [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)]
      }
    }
    return { left, right, top, bottom, cut, isEmpty: right - left < 1 || bottom - top < 1 }
  }

  const isShown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !closest(element, "[aria-hidden=true][style*='opacity: 0'], [data-testid=stSkeleton]")

  const isForListeners = (element) => {
    for (let n = element; n && n.nodeType === 1; n = parentOf(n)) {
      const { clipPath, clip } = getComputedStyle(n)
      if (clipPath === "inset(50%)" || clip === "rect(0px, 0px, 0px, 0px)") return true
      if (n.offsetWidth === 1 && n.offsetHeight === 1) return true
    }
    return false
  }

  /** CSS pixels of an element's letters as they are drawn. */
  const letterSize = (element) => {
    const size = Number.parseFloat(getComputedStyle(element).fontSize)
    const matrix = element instanceof SVGGraphicsElement ? element.getScreenCTM() : null
    return matrix ? size * Math.hypot(matrix.a, matrix.b) : size
  }

  const texts = []
  const cut = []
  const small = []
  const targets = []
  const outside = []
  for (const element of everything(document.body)) {
    if (["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "OPTION", "title", "desc"].includes(element.tagName) || !isShown(element)) continue
    if (isForListeners(element)) continue
    const inFigure = Boolean(closest(element, "svg")) || element.getRootNode() !== document
    const label = name(element)
    for (const node of element.childNodes) {
      if (node.nodeType !== 3 || !node.textContent.trim()) continue
      if (closest(element, "[data-testid=stIconMaterial]")) continue // a glyph, whose name is text
      const range = document.createRange()
      range.selectNodeContents(node)
      for (const rect of range.getClientRects()) {
        if (rect.width < 2 || rect.height < 2) continue
        const part = seen(element, rect)
        if (part.isEmpty) continue
        // What scrolls is not cut. Letters need less than their line.
        if (part.cut && (rect.right - rect.left > part.right - part.left + 1.5 || (part.bottom - part.top) / rect.height < 0.75)) cut.push(`${label}: ${part.cut}`)
        texts.push({ element, label, left: part.left, right: part.right, top: part.top, bottom: part.bottom })
        if (part.right > innerWidth + 1 || part.left < -1) outside.push(label)
      }
      if (inFigure && letterSize(element) < LEAST_TEXT - 0.05) small.push(`${label}: ${letterSize(element).toFixed(1)}`)
    }
    if (element.matches(TARGETS) && !element.disabled && !(exempt && closest(element, exempt))) {
      const area = element.matches("input") ? (closest(element, "label, [data-baseweb=slider], [data-testid=stSlider]") ?? element) : element
      const { width, height } = area.getBoundingClientRect()
      const part = seen(element, element.getBoundingClientRect())
      const isInText = element.localName === "a" && getComputedStyle(element).display === "inline"
      if (part.isEmpty || isInText) continue
      if (width < LEAST_TARGET - 0.5 || height < LEAST_TARGET - 0.5) targets.push(`${label}: ${Math.round(width)}×${Math.round(height)}`)
    }
  }

  const overlaps = new Set()
  texts.sort((a, b) => a.top - b.top)
  texts.forEach((a, i) => {
    for (const b of texts.slice(i + 1)) {
      if (b.top >= a.bottom - 3) break
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left)
      const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (width < 3 || height < 3 || height < 0.25 * Math.min(a.bottom - a.top, b.bottom - b.top)) continue
      if (within(a.element, b.element) || within(b.element, a.element)) continue
      if (isBehind(a, b) || isBehind(b, a)) continue
      overlaps.add(`${a.label} | ${b.label}`)
    }
  })

  /** Whether something opaque lies between two texts, such as an open menu. */
  function isBehind(a, b) {
    const x = (Math.max(a.left, b.left) + Math.min(a.right, b.right)) / 2
    const y = (Math.max(a.top, b.top) + Math.min(a.bottom, b.bottom)) / 2
    const layers = []
    const pierced = new Set()
    const pierce = (root) => {
      pierced.add(root)
      for (const element of root.elementsFromPoint(x, y)) {
        if (element.shadowRoot && !pierced.has(element.shadowRoot)) pierce(element.shadowRoot)
        layers.push(element)
      }
    }
    pierce(document)
    const of = (text) => layers.findIndex((layer) => layer === text.element)
    const [first, second] = [of(a), of(b)]
    if (first < 0 || second < 0) return first < 0 && second >= 0 && y >= 0 && y < innerHeight
    return layers.slice(first, second).some((layer) => {
      const color = getComputedStyle(layer).backgroundColor
      return !within(b.element, layer) && !/transparent|, 0\)$/.test(color)
    })
  }

  const main = document.querySelector("[data-testid=stMain]") ?? document.scrollingElement
  const box = figure?.getBoundingClientRect()
  return {
    figure: box && { top: box.top + main.scrollTop, left: box.left, width: box.width, height: box.height },
    sideways: Math.max(0, main.scrollWidth - main.clientWidth, document.scrollingElement.scrollWidth - innerWidth),
    outside: [...new Set(outside)],
    cut: [...new Set(cut)],
    overlaps: [...overlaps],
    small: [...new Set(small)],
    targets: [...new Set(targets)],
  }
}
